/*
** loop.c: see loop.h
*/
#define _POSIX_C_SOURCE 200809L
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "loop.h"
#include "worker.h"

#define BATCH 64

/* a backend without a descriptor makes its host look this often */
#define BLIND_SECONDS 0.01


/* the best backend of this system */
static struct novita_poller *choose (bool force_poll, struct novita_error *e) {
#if defined(__linux__)
  if (!force_poll) return novita_poller_epoll(e);
#endif
  (void)force_poll;
  return novita_poller_poll(e);
}


int novita_loop_open (struct novita_loop *loop, bool force_poll,
                      struct novita_error *e) {
  memset(loop, 0, sizeof *loop);
  novita_heap_init(&loop->timers);
  loop->alarm = NOVITA_NEVER;
  loop->owner = getpid();
  loop->poller = choose(force_poll, e);
  return loop->poller == NULL ? -1 : 0;
}


bool novita_loop_inherited (const struct novita_loop *loop) {
  return loop->owner != getpid();
}


void novita_loop_close (struct novita_loop *loop) {
  if (loop->poller == NULL) return;
  assert(loop->first == NULL);
  if (loop->workers != NULL) novita_workers_close(loop->workers);
  novita_heap_free(&loop->timers);
  free(loop->io);
  loop->poller->ops->close(loop->poller);
  memset(loop, 0, sizeof *loop);
}


/* {====== descriptors ====== */

static int make_room (struct novita_loop *loop, int fd) {
  struct novita_loop_io *io;
  int size = loop->io_size == 0 ? 64 : loop->io_size;
  if (fd < loop->io_size) return 0;
  while (size <= fd) size *= 2;
  io = realloc(loop->io, (size_t)size * sizeof *io);
  if (io == NULL) return -1;
  memset(io + loop->io_size, 0,
         (size_t)(size - loop->io_size) * sizeof *io);
  loop->io = io;
  loop->io_size = size;
  return 0;
}


int novita_loop_watch (struct novita_loop *loop, int fd, int events,
                       novita_io *ready, void *owner) {
  struct novita_loop_io *io;
  if (events == 0 && fd >= loop->io_size) return 0;
  if (make_room(loop, fd) != 0) return -1;
  if (loop->poller->ops->watch(loop->poller, fd, events) != 0) return -1;
  if (events == 0) ready = NULL;
  io = &loop->io[fd];
  loop->watched += (ready != NULL) - (io->ready != NULL);
  io->ready = ready;
  io->owner = owner;
  return 0;
}


/* An earlier entry of the batch may have made us forget a later one. */
static void dispatch (struct novita_loop *loop, const struct novita_ready *r) {
  struct novita_loop_io *io;
  if (r->fd >= loop->io_size) return;
  io = &loop->io[r->fd];
  if (io->ready != NULL) io->ready(io->owner, r->fd, r->events);
}

/* }====== */


/* {====== timers ====== */

static double first_timer (const struct novita_loop *loop) {
  const struct novita_due *due = novita_heap_first(&loop->timers);
  return due != NULL ? due->at : NOVITA_NEVER;
}


/* The alarm costs a system call and serves only those who wait for our
** descriptor from outside: nobody does before asking for it. */
static void set_alarm (struct novita_loop *loop) {
  double at;
  if (!loop->shared) return;
  at = first_timer(loop);
  if (at == loop->alarm) return;
  loop->alarm = at;
  loop->poller->ops->alarm(loop->poller, at);
}


int novita_timer_promise (struct novita_loop *loop) {
  return novita_heap_promise(&loop->timers);
}


void novita_timer_release (struct novita_loop *loop) {
  novita_heap_release(&loop->timers);
}


void novita_timer_start (struct novita_loop *loop, struct novita_timer *timer,
                         double at) {
  novita_heap_put(&loop->timers, &timer->due, at);
  set_alarm(loop);
}


void novita_timer_stop (struct novita_loop *loop, struct novita_timer *timer) {
  novita_heap_remove(&loop->timers, &timer->due);
}


/* 'now' is read once: a timer that restarts itself waits for the next step */
static void fire_due (struct novita_loop *loop) {
  double now = novita_now();
  struct novita_due *due;
  while ((due = novita_heap_first(&loop->timers)) != NULL && due->at <= now) {
    struct novita_timer *timer = (struct novita_timer *)due;
    novita_heap_remove(&loop->timers, due);
    timer->fire(timer);
  }
}

/* }====== */


void novita_loop_knock (struct novita_loop *loop) {
  loop->poller->ops->knock(loop->poller);
}


void novita_loop_remind (struct novita_loop *loop) {
  if (loop->shared && !loop->stepping) novita_loop_knock(loop);
}


int novita_loop_fd (struct novita_loop *loop) {
  int fd = loop->poller->ops->fd(loop->poller);
  if (fd >= 0 && !loop->shared) {
    loop->shared = true;
    set_alarm(loop);
    if (loop->first != NULL) novita_loop_knock(loop);
  }
  return fd;
}


double novita_loop_timeout (const struct novita_loop *loop) {
  double left = first_timer(loop);
  if (loop->first != NULL) return 0;
  if (left < NOVITA_NEVER) left -= novita_now();
  if (left < 0) left = 0;
  if (loop->poller->ops->fd(loop->poller) < 0 && left > BLIND_SECONDS &&
      (loop->watched > 0 || loop->workers != NULL))
    left = BLIND_SECONDS;
  return left;
}


void novita_loop_step (struct novita_loop *loop, double timeout) {
  struct novita_ready ready[BATCH];
  double left = first_timer(loop);
  int i, n;
  if (loop->first != NULL) timeout = 0;
  if (left < NOVITA_NEVER) {
    left -= novita_now();
    if (left < timeout) timeout = left;
  }
  loop->stepping = true;
  n = loop->poller->ops->wait(loop->poller, ready, BATCH, timeout);
  for (i = 0; i < n; i++) dispatch(loop, &ready[i]);
  if (loop->workers != NULL) novita_workers_collect(loop->workers);
  fire_due(loop);
  set_alarm(loop);
  loop->stepping = false;
}
