/*
** timer.c: see timer.h
*/
#include "../base/clock.h"
#include "timer.h"


double novita_timer_first_due (const struct novita_loop *loop) {
  return novita_heap_at(&loop->timers, novita_heap_first(&loop->timers));
}


/* The alarm costs a system call and serves only another loop that waits for our
** descriptor, so it is set only after novita_loop_fd was called. */
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


/* 'now' is read once: a timer that restarts itself waits for the next step. */
void novita_timer_fire_due (struct novita_loop *loop, double until) {
  double now = novita_clock_now();
  while (novita_timer_first_due(loop) <= now) {
    struct novita_timer_node *node = novita_heap_first(&loop->timers);
    struct novita_timer *timer = (struct novita_timer *)node;
    novita_heap_remove(&loop->timers, node);
    timer->fire(timer);
    if (novita_clock_now() >= until) return;
  }
}
