/*
** scheduler.c: see scheduler.h
*/
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "scheduler.h"


static struct novita_poll *first_poll (const struct novita_watch_scheduler *w) {
  struct novita_timer_node *node = novita_heap_first(&w->polls);
  if (node == NULL) return NULL;
  return NOVITA_CONTAINER_OF(node, struct novita_poll, node);
}


static void put (struct novita_poll *poll, double seconds) {
  novita_heap_put(&poll->scheduler->polls, &poll->node,
                  novita_clock_now() + seconds);
}


static void start_timer (struct novita_watch_scheduler *w) {
  const struct novita_poll *first = first_poll(w);
  double at;
  if (first == NULL) return;
  at = novita_heap_at(&w->polls, &first->node);
  if (w->idle.first == NULL) {
    novita_timer_stop(w->pool->loop, &w->timer);
    return;  /* the end of a request starts it again */
  }
  if (w->token_bucket.tokens < 1) {
    double token = novita_token_bucket_next(&w->token_bucket,
                                            novita_clock_now());
    if (token > at) at = token;
  }
  if (novita_heap_at(&w->pool->loop->timers, &w->timer.node) != at)
    novita_timer_start(w->pool->loop, &w->timer, at);
}


/* Last in, first out, so that as few buffers as possible are in use. */
static void make_idle (struct novita_poll_request *q) {
  q->poll = NULL;
  novita_list_prepend(&q->scheduler->idle, &q->node);
}


static void start_poll (struct novita_watch_scheduler *w,
                        struct novita_poll *poll) {
  struct novita_list_node *node = novita_list_pop(&w->idle);
  struct novita_poll_request *q =
    NOVITA_CONTAINER_OF(node, struct novita_poll_request, node);
  q->poll = poll;
  poll->request = q;
  if (novita_poll_request_start(q, w->pool, poll->class->path,
                                poll->task_id) == 0)
    return;
  poll->request = NULL;
  make_idle(q);
  poll->class->failed(poll);
}


static void send_due (struct novita_watch_scheduler *w) {
  struct novita_poll *poll;
  double now = novita_clock_now();
  while (w->idle.first != NULL && (poll = first_poll(w)) != NULL &&
         novita_heap_at(&w->polls, &poll->node) <= now) {
    if (!novita_token_bucket_take(&w->token_bucket, now)) break;
    novita_heap_remove(&w->polls, &poll->node);
    start_poll(w, poll);
  }
  start_timer(w);
}


static void on_timer (struct novita_timer *timer) {
  send_due(NOVITA_CONTAINER_OF(timer, struct novita_watch_scheduler, timer));
}


static void on_response (struct novita_request *request) {
  struct novita_poll_request *q = (struct novita_poll_request *)request;
  struct novita_poll *poll = q->poll;
  if (poll != NULL) {
    poll->request = NULL;
    poll->class->responded(poll, request);
  }
  make_idle(q);
  send_due(q->scheduler);
}


int novita_watch_scheduler_add (struct novita_watch_scheduler *w,
                                struct novita_poll *poll, double seconds) {
  if (novita_heap_reserve(&w->polls) != 0) return -1;
  poll->scheduler = w;
  put(poll, seconds);
  start_timer(w);
  return 0;
}


void novita_watch_scheduler_again (struct novita_poll *poll, double seconds) {
  put(poll, seconds);
}


void novita_watch_scheduler_remove (struct novita_poll *poll) {
  struct novita_watch_scheduler *w = poll->scheduler;
  struct novita_poll_request *q = poll->request;
  novita_heap_remove(&w->polls, &poll->node);
  novita_heap_release(&w->polls);
  if (q == NULL) return;
  poll->request = NULL;
  novita_request_cancel(&q->request);
  make_idle(q);
  start_timer(w);  /* other polls may have waited for this request */
}


/* {====== open and close ====== */

static int make_requests (struct novita_watch_scheduler *w, int count,
                          double try_seconds) {
  int i;
  w->requests = calloc((size_t)count, sizeof *w->requests);
  if (w->requests == NULL) return -1;
  w->request_count = count;
  for (i = 0; i < count; i++) {
    struct novita_poll_request *q = &w->requests[i];
    novita_poll_request_init(q, try_seconds, on_response);
    q->scheduler = w;
    make_idle(q);
  }
  return 0;
}


int novita_watch_scheduler_open (struct novita_watch_scheduler *w,
                                 struct novita_pool *pool,
                                 const struct novita_watch_options *options,
                                 struct novita_error *e) {
  memset(w, 0, sizeof *w);
  novita_heap_init(&w->polls);
  w->schedule = options->schedule;
  w->grace = options->grace;
  w->unknown_timeout = options->unknown_timeout;
  w->timer.fire = on_timer;
  novita_random_seed(&w->random);
  novita_token_bucket_init(&w->token_bucket, options->at_once,
                           options->per_second, novita_clock_now());
  if (make_requests(w, options->at_once, options->try_seconds) != 0 ||
      novita_timer_reserve(pool->loop) != 0) {
    free(w->requests);
    return novita_error_set_memory(e);
  }
  w->pool = pool;
  return 0;
}


void novita_watch_scheduler_close (struct novita_watch_scheduler *w) {
  int i;
  if (w->pool == NULL) return;
  novita_timer_stop(w->pool->loop, &w->timer);
  novita_timer_release(w->pool->loop);
  for (i = 0; i < w->request_count; i++)
    novita_request_free(&w->requests[i].request);
  free(w->requests);
  novita_heap_free(&w->polls);
  memset(w, 0, sizeof *w);
}

/* }====== */
