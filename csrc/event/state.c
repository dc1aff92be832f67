/*
** state.c: see state.h
*/
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "state.h"


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
                       novita_loop_io_callback *ready, void *owner) {
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
void novita_loop_dispatch (struct novita_loop *loop,
                           const struct novita_poller_event *r) {
  struct novita_loop_io *io;
  if (r->fd >= loop->io_size) return;
  io = &loop->io[r->fd];
  if (io->ready != NULL) io->ready(io->owner, r->fd, r->events);
}

/* }====== */


/* {====== timers ====== */

double novita_timer_first_due (const struct novita_loop *loop) {
  const struct novita_timer_node *node = novita_heap_first(&loop->timers);
  return node != NULL ? node->at : NOVITA_NEVER;
}


/* The alarm costs a system call and serves only those who wait for our
** descriptor from outside: nobody does before asking for it. */
void novita_timer_set_alarm (struct novita_loop *loop) {
  double at;
  if (!loop->shared) return;
  at = novita_timer_first_due(loop);
  if (at == loop->alarm) return;
  loop->alarm = at;
  loop->poller->ops->alarm(loop->poller, at);
}


int novita_timer_reserve (struct novita_loop *loop) {
  return novita_heap_reserve(&loop->timers);
}


void novita_timer_release (struct novita_loop *loop) {
  novita_heap_release(&loop->timers);
}


void novita_timer_start (struct novita_loop *loop, struct novita_timer *timer,
                         double at) {
  novita_heap_put(&loop->timers, &timer->node, at);
  novita_timer_set_alarm(loop);
}


void novita_timer_stop (struct novita_loop *loop, struct novita_timer *timer) {
  novita_heap_remove(&loop->timers, &timer->node);
}


/* 'now' is read once: a timer that restarts itself waits for the next step */
void novita_timer_fire_due (struct novita_loop *loop) {
  double now = novita_clock_now();
  struct novita_timer_node *node;
  while ((node = novita_heap_first(&loop->timers)) != NULL && node->at <= now) {
    struct novita_timer *timer = (struct novita_timer *)node;
    novita_heap_remove(&loop->timers, node);
    timer->fire(timer);
  }
}

/* }====== */


void novita_loop_wake (struct novita_loop *loop) {
  loop->poller->ops->wake(loop->poller);
}


void novita_loop_kick (struct novita_loop *loop) {
  if (loop->shared && !loop->stepping) novita_loop_wake(loop);
}
