/*
** poller_epoll.c: one epoll descriptor that holds the sockets, a timerfd for
** the alarm and an eventfd for wakeups. It is pollable itself, so any other
** loop can wait for all of it at once.
*/
#if defined(__linux__)
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../base/clock.h"
#include "poller.h"

#define BATCH 64
#define LATEST 1e15  /* seconds: fits a time_t, longer than any process lives */

struct epoll {
  struct novita_poller base;
  int fd, timer, event;
};


static void epoll_close (struct novita_poller *base) {
  struct epoll *p = (struct epoll *)base;
  if (p->event >= 0) close(p->event);
  if (p->timer >= 0) close(p->timer);
  if (p->fd >= 0) close(p->fd);
  free(p);
}


static int epoll_own_fd (struct novita_poller *base) {
  return ((struct epoll *)base)->fd;
}


static int control (struct epoll *p, int op, int fd, int events) {
  struct epoll_event ev;
  memset(&ev, 0, sizeof ev);
  if (events & NOVITA_POLLER_READ) ev.events |= EPOLLIN;
  if (events & NOVITA_POLLER_WRITE) ev.events |= EPOLLOUT;
  ev.data.fd = fd;
  return epoll_ctl(p->fd, op, fd, &ev);
}


/* libcurl closes sockets itself, which removes them from the set, and the
** number is reused for another socket. Hence 'add, else modify'. */
static int epoll_watch (struct novita_poller *base, int fd, int events) {
  struct epoll *p = (struct epoll *)base;
  if (events == 0) {
    control(p, EPOLL_CTL_DEL, fd, 0);
    return 0;
  }
  if (control(p, EPOLL_CTL_ADD, fd, events) == 0) return 0;
  if (errno != EEXIST) return -1;
  return control(p, EPOLL_CTL_MOD, fd, events);
}


/* A nanosecond late rather than early: a step would drain an early alarm, find
** nothing due, and the alarm would not fire again. It must not be zero either,
** which means off. */
static void epoll_alarm (struct novita_poller *base, double at) {
  struct epoll *p = (struct epoll *)base;
  struct itimerspec when;
  memset(&when, 0, sizeof when);
  if (at < LATEST) {
    double whole = floor(at > 0 ? at : 0);
    when.it_value.tv_sec = (time_t)whole;
    when.it_value.tv_nsec = (long)((at - whole) * 1e9) + 1;
    if (when.it_value.tv_nsec > 999999999) when.it_value.tv_nsec = 999999999;
  }
  timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL);
}


static void epoll_wake (struct novita_poller *base) {
  uint64_t one = 1;
  novita_poller_write_wakeup(((struct epoll *)base)->event, &one, sizeof one);
}


static void drain (int fd) {
  uint64_t count;
  ssize_t n = read(fd, &count, sizeof count);
  (void)n;
}


/* NOVITA_POLLER_* of EPOLL* */
static int events_of (uint32_t got) {
  int events = 0;
  if (got & (EPOLLIN | EPOLLHUP | EPOLLERR)) events |= NOVITA_POLLER_READ;
  if (got & (EPOLLOUT | EPOLLHUP | EPOLLERR)) events |= NOVITA_POLLER_WRITE;
  return events;
}


static int epoll_wait_ (struct novita_poller *base,
                        struct novita_poller_event *ready, int max,
                        double timeout) {
  struct epoll *p = (struct epoll *)base;
  struct epoll_event ev[BATCH];
  int i, n, found = 0;
  if (max > BATCH) max = BATCH;
  n = epoll_wait(p->fd, ev, max, novita_clock_milliseconds(timeout));
  for (i = 0; i < n; i++) {
    int fd = ev[i].data.fd;
    if (fd == p->event || fd == p->timer) {
      drain(fd);
      continue;
    }
    ready[found].fd = fd;
    ready[found].events = events_of(ev[i].events);
    found++;
  }
  return found;
}


static const struct novita_poller_ops ops = {
  "epoll", epoll_close, epoll_own_fd, epoll_watch, epoll_alarm, epoll_wake,
  epoll_wait_
};


struct novita_poller *novita_poller_epoll (struct novita_error *e) {
  struct epoll *p = calloc(1, sizeof *p);
  if (p == NULL) {
    novita_error_set_memory(e);
    return NULL;
  }
  p->base.ops = &ops;
  p->timer = p->event = -1;
  p->fd = epoll_create1(EPOLL_CLOEXEC);
  if (p->fd < 0) goto fail;
  p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (p->timer < 0 ||
      control(p, EPOLL_CTL_ADD, p->timer, NOVITA_POLLER_READ) != 0)
    goto fail;
  p->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (p->event < 0 ||
      control(p, EPOLL_CTL_ADD, p->event, NOVITA_POLLER_READ) != 0)
    goto fail;
  return &p->base;
 fail:
  novita_error_set(e, NOVITA_ERROR_FILE, "descriptors",
              "cannot wait for the network: %s; raise 'ulimit -n'",
              strerror(errno));
  epoll_close(&p->base);
  return NULL;
}
#else
typedef int novita_poller_has_no_epoll;  /* ISO C forbids an empty file */
#endif
