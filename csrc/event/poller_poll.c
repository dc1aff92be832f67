/*
** poller_poll.c: the fallback for systems without epoll: an array for poll(2)
** and a pipe for wakeups. A wait is O(descriptors), and there are only a few.
** It has no pollable descriptor, so a host loop uses 'timeout' and steps again.
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "poller.h"

struct polled {
  struct novita_poller base;
  struct pollfd *set;  /* [0] is the pipe's reading end */
  int len, size;
  int next;            /* where the next wait begins to look for events */
  int pipe[2];
};


static void poll_close (struct novita_poller *base) {
  struct polled *p = (struct polled *)base;
  if (p->pipe[0] >= 0) close(p->pipe[0]);
  if (p->pipe[1] >= 0) close(p->pipe[1]);
  free(p->set);
  free(p);
}


static int poll_no_fd (struct novita_poller *base) {
  (void)base;
  return -1;
}


static int find (const struct polled *p, int fd) {
  int i;
  for (i = 0; i < p->len; i++)
    if (p->set[i].fd == fd) return i;
  return -1;
}


static int append (struct polled *p, int fd) {
  if (p->len == p->size) {
    int size = p->size == 0 ? 32 : p->size * 2;
    struct pollfd *set = realloc(p->set, (size_t)size * sizeof *set);
    if (set == NULL) return -1;
    p->set = set;
    p->size = size;
  }
  p->set[p->len].fd = fd;
  p->set[p->len].revents = 0;
  return p->len++;
}


static int poll_watch (struct novita_poller *base, int fd, int events) {
  struct polled *p = (struct polled *)base;
  int i = find(p, fd);
  if (events == 0) {
    if (i >= 0) p->set[i] = p->set[--p->len];
    return 0;
  }
  if (i < 0) i = append(p, fd);
  if (i < 0) return -1;
  p->set[i].events = (short)((events & NOVITA_POLLER_READ ? POLLIN : 0) |
                             (events & NOVITA_POLLER_WRITE ? POLLOUT : 0));
  return 0;
}


static void poll_alarm (struct novita_poller *base, double at) {
  (void)base;
  (void)at;  /* the loop passes it as the timeout */
}


static void poll_wake (struct novita_poller *base) {
  novita_poller_write_wakeup(((struct polled *)base)->pipe[1], "k", 1);
}


static void drain (int fd) {
  char bytes[64];
  while (read(fd, bytes, sizeof bytes) > 0)
    ;
}


/* NOVITA_POLLER_* of POLL* */
static int events_of (int got) {
  int events = 0;
  if (got & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
    events |= NOVITA_POLLER_READ;
  if (got & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
    events |= NOVITA_POLLER_WRITE;
  return events;
}


/* Descriptors that are always ready must not hide those after them, so each
** wait begins where the one before it ended. */
static int collect (struct polled *p, struct novita_poller_event *ready,
                    int max) {
  int left, found = 0;
  for (left = p->len - 1; left > 0 && found < max; left--) {
    const struct pollfd *at;
    if (p->next < 1 || p->next >= p->len) p->next = 1;
    at = &p->set[p->next++];
    if (at->revents == 0) continue;
    ready[found].fd = at->fd;
    ready[found].events = events_of(at->revents);
    found++;
  }
  return found;
}


static int poll_wait (struct novita_poller *base,
                      struct novita_poller_event *ready, int max,
                      double timeout) {
  struct polled *p = (struct polled *)base;
  int n = poll(p->set, (nfds_t)p->len, novita_clock_milliseconds(timeout));
  if (n <= 0) return 0;
  if (p->set[0].revents != 0) drain(p->set[0].fd);
  return collect(p, ready, max);
}


static const struct novita_poller_ops ops = {
  "poll", poll_close, poll_no_fd, poll_watch, poll_alarm, poll_wake, poll_wait
};


static int make_quiet (int fd) {
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) return -1;
  return fcntl(fd, F_SETFL, O_NONBLOCK);
}


struct novita_poller *novita_poller_poll (struct novita_error *e) {
  struct polled *p = calloc(1, sizeof *p);
  if (p == NULL) {
    novita_error_set_memory(e);
    return NULL;
  }
  p->base.ops = &ops;
  p->pipe[0] = p->pipe[1] = -1;
  if (pipe(p->pipe) == 0 && make_quiet(p->pipe[0]) == 0 &&
      make_quiet(p->pipe[1]) == 0 &&
      poll_watch(&p->base, p->pipe[0], NOVITA_POLLER_READ) == 0)
    return &p->base;
  novita_error_set(e, NOVITA_ERROR_FILE, "descriptors",
              "cannot wait for the network: %s; raise 'ulimit -n'",
              strerror(errno));
  poll_close(&p->base);
  return NULL;
}
