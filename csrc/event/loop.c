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
    if (loop->first != NULL) novita_loop_wake(loop);
  }
  return fd;
}


double novita_loop_timeout (const struct novita_loop *loop) {
  double left = novita_timer_first_due(loop);
  if (loop->first != NULL) return 0;
  if (left < NOVITA_NEVER) left -= novita_clock_now();
  if (left < 0) left = 0;
  if (loop->poller->ops->fd(loop->poller) < 0 && left > BLIND_SECONDS &&
      (loop->watched > 0 || loop->workers != NULL))
    left = BLIND_SECONDS;
  return left;
}


void novita_loop_step (struct novita_loop *loop, double timeout) {
  struct novita_poller_event ready[BATCH];
  double left = novita_timer_first_due(loop);
  int i, n;
  if (loop->first != NULL) timeout = 0;
  if (left < NOVITA_NEVER) {
    left -= novita_clock_now();
    if (left < timeout) timeout = left;
  }
  loop->stepping = true;
  n = loop->poller->ops->wait(loop->poller, ready, BATCH, timeout);
  for (i = 0; i < n; i++) novita_loop_dispatch(loop, &ready[i]);
  if (loop->workers != NULL) novita_worker_pool_collect(loop->workers);
  novita_timer_fire_due(loop);
  novita_timer_set_alarm(loop);
  loop->stepping = false;
}
