/*
** poller.h: wait for descriptors, for an alarm and for a wakeup from another
** thread, through one interface.
** Two backends (the loop chooses): epoll (Linux; epoll + timerfd + eventfd, one
** pollable descriptor) and poll (any system; no pollable descriptor).
** Only 'wake' may be called from another thread.
*/
#ifndef novita_event_poller_h
#define novita_event_poller_h

#include <errno.h>
#include <unistd.h>

#include "../base/error.h"

enum { NOVITA_POLLER_READ = 1, NOVITA_POLLER_WRITE = 2 };

struct novita_poller_event {
  int fd;
  int events;  /* NOVITA_POLLER_READ, NOVITA_POLLER_WRITE or both; an error
               ** counts as both */
};

struct novita_poller {
  const struct novita_poller_ops *ops;  /* first member of every backend */
};

struct novita_poller_ops {
  const char *name;
  void (*close) (struct novita_poller *p);
  /* readable when 'wait' would have something to do; -1 if there is no such
  ** descriptor */
  int (*fd) (struct novita_poller *p);
  /* events 0 stops watching; the descriptor need not be watched then */
  int (*watch) (struct novita_poller *p, int fd, int events);
  /* make 'fd' readable at 'at' (novita_clock_now seconds); NOVITA_NEVER =
  ** off */
  void (*alarm) (struct novita_poller *p, double at);
  void (*wake) (struct novita_poller *p);
  /* wait at most 'timeout' seconds; number of entries put into 'ready' */
  int (*wait) (struct novita_poller *p, struct novita_poller_event *ready,
               int max, double timeout);
};

/* the backends; NULL and 'e' if the system has no free descriptor */
NOVITA_FUNC struct novita_poller *novita_poller_epoll (struct novita_error *e);
NOVITA_FUNC struct novita_poller *novita_poller_poll (struct novita_error *e);


/* For the backends: write a few bytes to a descriptor that does not block. A
** lost wakeup leaves the loop asleep although a photo is ready, so whatever
** the error, try again. EAGAIN: a wakeup is pending already. */
static inline void novita_poller_write_wakeup (int fd, const void *bytes,
                                               size_t n) {
  int i;
  for (i = 0; i < 100; i++)
    if (write(fd, bytes, n) >= 0 || errno == EAGAIN) return;
}

#endif
