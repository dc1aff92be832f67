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
#include "timer.h"
#include "worker.h"

/* how long one step may run callbacks; it runs at least one of each kind */
#define SLICE_SECONDS 0.01

/* how often a host must step a loop whose backend has no descriptor */
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
  loop->pid = getpid();
  loop->poller = choose(force_poll, e);
  return loop->poller == NULL ? -1 : 0;
}


bool novita_loop_inherited (const struct novita_loop *loop) {
  return loop->pid != getpid();
}


void novita_loop_close (struct novita_loop *loop) {
  if (loop->poller == NULL) return;
  assert(loop->events.first == NULL);
  if (loop->workers != NULL) novita_worker_pool_close(loop->workers);
  novita_heap_free(&loop->timers);
  free(loop->io);
  loop->poller->ops->close(loop->poller);
  memset(loop, 0, sizeof *loop);
}


int novita_loop_fd (struct novita_loop *loop) {
  int fd = loop->poller->ops->fd(loop->poller);
  if (fd >= 0 && !loop->shared) {
    loop->shared = true;
    novita_timer_set_alarm(loop);
    if (loop->events.first != NULL) novita_loop_wake(loop);
  }
  return fd;
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


/* An event of a closed descriptor must not reach the next one of its number. */
static void forget_ready (struct novita_loop *loop, int fd) {
  int i;
  for (i = loop->ready_next; i < loop->ready_count; i++)
    if (loop->ready[i].fd == fd) loop->ready[i].fd = -1;
}


int novita_loop_watch (struct novita_loop *loop, int fd, int events,
                       novita_loop_io_callback *ready, void *context) {
  struct novita_loop_io *io;
  forget_ready(loop, fd);
  if (events == 0 && fd >= loop->io_size) return 0;
  if (make_room(loop, fd) != 0) return -1;
  if (loop->poller->ops->watch(loop->poller, fd, events) != 0) return -1;
  if (events == 0) ready = NULL;
  io = &loop->io[fd];
  loop->watched += (ready != NULL) - (io->ready != NULL);
  io->ready = ready;
  io->context = context;
  return 0;
}


/* A callback for an earlier event of the batch may have stopped the watch. */
static bool has_ready (const struct novita_loop *loop) {
  return loop->ready_next < loop->ready_count;
}


static void dispatch (struct novita_loop *loop,
                      const struct novita_poller_event *r) {
  struct novita_loop_io *io;
  if (r->fd < 0 || r->fd >= loop->io_size) return;
  io = &loop->io[r->fd];
  if (io->ready != NULL) io->ready(io->context, r->fd, r->events);
}

/* The next step dispatches the rest before it waits, so descriptors that are
** always ready take turns. */
static void dispatch_ready (struct novita_loop *loop, double until) {
  while (has_ready(loop)) {
    dispatch(loop, &loop->ready[loop->ready_next++]);
    if (novita_clock_now() >= until) return;
  }
}


static void wait_for_ready (struct novita_loop *loop, double timeout) {
  double left = novita_timer_first_due(loop);
  if (has_ready(loop)) return;
  if (loop->events.first != NULL) timeout = 0;
  if (left < NOVITA_NEVER) {
    left -= novita_clock_now();
    if (left < timeout) timeout = left;
  }
  loop->ready_next = 0;
  loop->ready_count = loop->poller->ops->wait(loop->poller, loop->ready,
                                              NOVITA_LOOP_READY, timeout);
}

/* }====== */


double novita_loop_timeout (const struct novita_loop *loop) {
  double left = novita_timer_first_due(loop);
  if (loop->events.first != NULL || has_ready(loop)) return 0;
  if (left < NOVITA_NEVER) left -= novita_clock_now();
  if (left < 0) left = 0;
  if (loop->poller->ops->fd(loop->poller) < 0 && left > BLIND_SECONDS &&
      (loop->watched > 0 || loop->workers != NULL))
    left = BLIND_SECONDS;
  return left;
}


void novita_loop_step (struct novita_loop *loop, double timeout) {
  double until;
  loop->stepping = true;
  wait_for_ready(loop, timeout);
  until = novita_clock_now() + SLICE_SECONDS;
  dispatch_ready(loop, until);
  if (loop->workers != NULL) novita_worker_pool_collect(loop->workers);
  novita_timer_fire_due(loop, until);
  novita_timer_set_alarm(loop);
  loop->stepping = false;
}
