/*
** poller.h: waiting for descriptors, for an alarm and for a knock from another
** thread, behind one interface.
** Two backends (the loop chooses): epoll (Linux; epoll + timerfd + eventfd, one pollable
** descriptor) and poll (everywhere; no descriptor of its own).
** Only 'knock' may be called from another thread.
*/
#ifndef novita_event_poller_h
#define novita_event_poller_h

#include "../base/error.h"

enum { NOVITA_POLLER_READ = 1, NOVITA_POLLER_WRITE = 2 };

struct novita_poller_event {
  int fd;
  int events;  /* NOVITA_POLLER_READ, NOVITA_POLLER_WRITE or both; an error counts as both */
};

struct novita_poller {
  const struct novita_poller_ops *ops;  /* first member of every backend */
};

struct novita_poller_ops {
  const char *name;
  void (*close) (struct novita_poller *p);
  /* readable when 'wait' would have something to do; -1 = there is none */
  int (*fd) (struct novita_poller *p);
  /* events 0 forgets the descriptor; forgetting an unknown one is allowed */
  int (*watch) (struct novita_poller *p, int fd, int events);
  /* make 'fd' readable at 'at' (novita_clock_now seconds); NOVITA_NEVER = off */
  void (*alarm) (struct novita_poller *p, double at);
  void (*wake) (struct novita_poller *p);
  /* wait at most 'timeout' seconds; number of entries put into 'ready' */
  int (*wait) (struct novita_poller *p, struct novita_poller_event *ready, int max,
               double timeout);
};

/* the backends; NULL and 'e' when the system has no descriptor left for us */
NOVITA_FUNC struct novita_poller *novita_poller_epoll (struct novita_error *e);
NOVITA_FUNC struct novita_poller *novita_poller_poll (struct novita_error *e);

#endif
