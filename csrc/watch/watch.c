/*
** watch.c: see watch.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "../http/status_class.h"
#include "watch.h"

#define RESPONSE_LIMIT (1024 * 1024)
#define LONGEST_ID 256
#define LONGEST_URL 2048
#define PAGES 10  /* in a row: then there is no service behind them */

struct novita_poll_request {
  struct novita_request request;        /* first member */
  struct novita_watch_scheduler *watcher;
  struct novita_watch *watch;     /* NULL: canceled meanwhile */
  struct novita_poll_request *next;   /* among the idle */
};

static void poll_due (struct novita_watch_scheduler *w);
static void watch_cancel (struct novita_op *op);


static const struct novita_watch_kind kinds[] = {
  {{"subject", watch_cancel}, "/v3/training/subject?task_id=",
   novita_task_status_parse_training, true},
  {{"style", watch_cancel}, "/v3/training/style?task_id=",
   novita_task_status_parse_training, true},
  {{"image", watch_cancel}, "/v3/async/task-result?task_id=",
   novita_task_status_parse_result, false},
};


const struct novita_watch_kind *novita_watch_kind_find (const char *name) {
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strcmp(kinds[i].class.name, name) == 0) return &kinds[i];
  return NULL;
}


const struct novita_watch_kind *novita_watch_kind_of (
    const struct novita_watch *watch) {
  return (const struct novita_watch_kind *)watch->op.class;
}


static struct novita_watch *watch_of (struct novita_timer_node *node) {
  return NOVITA_CONTAINER_OF(node, struct novita_watch, node);
}


/* {====== ends ====== */

static void finish (struct novita_watch *watch) {
  novita_heap_remove(&watch->watcher->node, &watch->node);
  novita_heap_release(&watch->watcher->node);
  novita_op_finish(&watch->op);
}


/* Without memory for it a watch still ends, as 'out of memory'. */
static struct novita_watch_result *make_result (struct novita_watch *watch) {
  struct novita_watch_result *o = calloc(1, sizeof *o);
  if (o == NULL) return NULL;
  novita_error_clear(&o->error);
  novita_buffer_init(&o->body, RESPONSE_LIMIT);
  watch->result = o;
  return o;
}


/* The reply changes hands; the question starts its next one with none. */
static void keep_response (struct novita_watch_result *o, struct novita_request *request) {
  struct novita_buffer empty = o->body;
  o->body = request->result.response;
  request->result.response = empty;
  o->status = request->result.status;
}


static void end_with_response (struct novita_watch *watch,
                            struct novita_request *request) {
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL) {
    keep_response(o, request);
    if (watch->stage < NOVITA_STAGE_SERVING)
      novita_error_set(&o->error, NOVITA_ERROR_API, "refused",
                  "%s:%d answered %ld about task %s", request->result.origin.host,
                  request->result.origin.port, request->result.status, watch->task_id);
  }
  finish(watch);
}


/* The model's name is in the reply, which has changed hands but not moved. */
static void end_with_status (struct novita_watch *watch,
                              struct novita_request *request,
                              const struct novita_task_status *v) {
  end_with_response(watch, request);
  if (watch->result != NULL) watch->result->model = v->model;
}


static void end_by_deadline (struct novita_watch *watch) {
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL)
    novita_error_set(&o->error, NOVITA_ERROR_TIMEOUT, "timeout",
                "task %s was not finished in time; it goes on at the "
                "service, attach to it later", watch->task_id);
  finish(watch);
}

/* }====== */


/* {====== the next question ====== */

static void wake_later (struct novita_watch_scheduler *w) {
  struct novita_timer_node *first = novita_heap_first(&w->node);
  double at;
  if (first == NULL) return;
  at = first->at;
  if (w->idle == NULL) {
    novita_timer_stop(w->pool->loop, &w->timer);
    return;  /* the end of a question will look again */
  }
  if (w->token_bucket.tokens < 1) {
    double token = novita_token_bucket_next(&w->token_bucket, novita_clock_now());
    if (token > at) at = token;
  }
  if (w->timer.node.slot == 0 || w->timer.node.at != at)
    novita_timer_start(w->pool->loop, &w->timer, at);
}


static void put_back (struct novita_watch *watch, double seconds) {
  double at = novita_clock_now() + seconds;
  if (at > watch->deadline) at = watch->deadline;
  novita_heap_put(&watch->watcher->node, &watch->node, at);
}


static void notify (struct novita_watch *watch, bool changed) {
  if (changed && watch->listening) novita_op_changed(&watch->op);
}


static void clear_last_error (struct novita_watch *watch) {
  free(watch->last_error);
  watch->last_error = NULL;
}


static void no_last_error (struct novita_watch *watch) {
  bool changed = watch->last_error != NULL;
  clear_last_error(watch);
  notify(watch, changed);
}


/* A word of the service may end up on a terminal. */
static void note_last_error (struct novita_watch *watch, const char *what,
                          const char *word) {
  char text[28], *s;
  snprintf(text, sizeof text, "%s%.20s", what, word);
  for (s = text; *s != '\0'; s++)
    if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
  if (watch->last_error != NULL && strcmp(watch->last_error, text) == 0) return;
  clear_last_error(watch);
  watch->last_error = strdup(text);  /* without memory there is none to tell */
  notify(watch, true);
}


static void note_change (struct novita_watch *watch,
                         const struct novita_task_status *v) {
  bool changed = watch->stage != v->stage ||
                 watch->percent != (float)v->percent;
  watch->stage = (unsigned char)v->stage;
  watch->percent = (float)v->percent;
  watch->eta = (float)v->eta;
  notify(watch, changed);
}

/* }====== */


/* {====== answers ====== */

static void poll_failed (struct novita_watch *watch,
                          const struct novita_request *request, const char *word) {
  struct novita_watch_scheduler *w = watch->watcher;
  if (watch->failures < 1000) watch->failures++;
  note_last_error(watch, "", word);
  put_back(watch, novita_poll_schedule_backoff(&w->schedule, watch->failures,
                                         request->result.retry_after, &w->random));
}


/* 401, 403, 404 and their like, said by the API itself. Right after its
** creation a task may not be known everywhere yet. A page of a gateway that
** has lost its service says 401 and 404 as well: of these it takes a row. */
static bool is_permanent (const struct novita_watch *watch,
                          const struct novita_request *request) {
  enum novita_status_class class =
    novita_status_class_of(request->result.status);
  bool missing = class == NOVITA_STATUS_CLASS_NOT_FOUND;
  if (request->result.status < 400 || novita_status_class_is_transient(class))
    return false;
  if (missing && novita_clock_now() < watch->began + watch->watcher->grace)
    return false;
  if (novita_task_status_is_api_error(request->result.response.data, request->result.response.len)) return true;
  return (missing || request->result.status == 401) && watch->failures >= PAGES - 1;
}


/* Legacy envelopes carry their refusals in a 200. A refused key and a missing
** task end the watch; the other codes may pass. */
static bool is_legacy_refusal (const struct novita_watch *watch,
                               const struct novita_request *request) {
  int code = novita_task_status_legacy_code(request->result.response.data,
                                            request->result.response.len);
  enum novita_status_class class =
    novita_status_class_of(novita_status_class_legacy(code));
  if (class == NOVITA_STATUS_CLASS_ACCOUNT) return true;
  return class == NOVITA_STATUS_CLASS_NOT_FOUND &&
         novita_clock_now() >= watch->began + watch->watcher->grace;
}


static void read_status (struct novita_watch *watch,
                         struct novita_request *request) {
  struct novita_watch_scheduler *w = watch->watcher;
  struct novita_task_status v;
  if (!novita_watch_kind_of(watch)->parse(request->result.response.data, request->result.response.len, &v)) {
    if (is_legacy_refusal(watch, request)) end_with_response(watch, request);
    else poll_failed(watch, request, "malformed");
    return;
  }
  watch->failures = 0;
  if (v.stage == NOVITA_STAGE_UNKNOWN && strcmp(v.word, "UNKNOWN") != 0)
    note_last_error(watch, "state ", v.word);
  else
    no_last_error(watch);
  note_change(watch, &v);
  if (novita_task_status_is_final(v.stage)) end_with_status(watch, request, &v);
  else
    put_back(watch, novita_poll_schedule_interval(&w->schedule, &v,
                                    novita_clock_now() - watch->began, &w->random));
}


static void read_response (struct novita_watch *watch,
                         struct novita_request *request) {
  char word[16];
  if (request->result.error.kind != NOVITA_ERROR_NONE) {
    poll_failed(watch, request, request->result.error.code);
    return;
  }
  if (request->result.status == 200) {
    read_status(watch, request);
    return;
  }
  if (is_permanent(watch, request)) {
    end_with_response(watch, request);
    return;
  }
  snprintf(word, sizeof word, "status %ld", request->result.status);
  poll_failed(watch, request, word);
}


static void responded (struct novita_request *request) {
  struct novita_poll_request *q = (struct novita_poll_request *)request;
  struct novita_watch_scheduler *w = q->watcher;
  struct novita_watch *watch = q->watch;
  q->watch = NULL;
  if (watch != NULL) {
    watch->polling = NULL;
    watch->polls++;
    read_response(watch, request);
  }
  q->next = w->idle;
  w->idle = q;
  poll_due(w);
}

/* }====== */


/* {====== asking ====== */

/* The id is the caller's: everything but letters, digits and "-_." is
** escaped, so that it cannot be more than one query value. */
static void escape (const char *text, char *out) {
  static const char hex[] = "0123456789ABCDEF";
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
        c == '-' || c == '_' || c == '.') {
      *out++ = (char)c;
      continue;
    }
    *out++ = '%';
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
  }
  *out = '\0';
}


/* The URL's memory stays with the question, so that asking allocates nothing.
*/
static int make_url (struct novita_poll_request *q,
                     const struct novita_watch *watch) {
  char id[LONGEST_ID * 3 + 1];
  int n;
  if (q->request.options.url == NULL) q->request.options.url = malloc(LONGEST_URL);
  if (q->request.options.url == NULL) return -1;
  escape(watch->task_id, id);
  n = snprintf(q->request.options.url, LONGEST_URL, "%s%s%s",
               q->watcher->pool->server.base_url, novita_watch_kind_of(watch)->path, id);
  return n < LONGEST_URL ? 0 : -1;
}


static void ask (struct novita_watch_scheduler *w, struct novita_watch *watch) {
  struct novita_poll_request *q = w->idle;
  struct novita_error e;
  w->idle = q->next;
  q->watch = watch;
  watch->polling = q;
  q->request.options.deadline = watch->deadline;
  if (make_url(q, watch) == 0 &&
      novita_request_start(w->pool, &q->request, &e) == 0)
    return;
  q->watch = NULL;
  watch->polling = NULL;
  q->next = w->idle;
  w->idle = q;
  poll_failed(watch, &q->request, "memory");
}


static void poll_due (struct novita_watch_scheduler *w) {
  struct novita_timer_node *first;
  double now = novita_clock_now();
  while (w->idle != NULL && (first = novita_heap_first(&w->node)) != NULL &&
         first->at <= now) {
    struct novita_watch *watch = watch_of(first);
    bool late = watch->deadline <= now;
    if (!late && !novita_token_bucket_take(&w->token_bucket, now)) break;
    novita_heap_remove(&w->node, first);
    if (late) end_by_deadline(watch);
    else ask(w, watch);
  }
  wake_later(w);
}


static void on_timer (struct novita_timer *timer) {
  poll_due(NOVITA_CONTAINER_OF(timer, struct novita_watch_scheduler, timer));
}

/* }====== */


static void watch_cancel (struct novita_op *op) {
  struct novita_watch *watch = (struct novita_watch *)op;
  struct novita_poll_request *q = watch->polling;
  novita_heap_remove(&watch->watcher->node, &watch->node);
  novita_heap_release(&watch->watcher->node);
  watch->polling = NULL;
  if (q == NULL) return;
  q->watch = NULL;
  novita_request_cancel(&q->request);
  q->next = q->watcher->idle;
  q->watcher->idle = q;
  wake_later(watch->watcher);  /* others may have waited for this question */
}


int novita_watch_start (struct novita_watch_scheduler *w, struct novita_watch *watch,
                        const struct novita_watch_kind *kind,
                        const char *task_id, double first, double deadline) {
  double now = novita_clock_now();
  if (novita_heap_reserve(&w->node) != 0) return -1;
  memset(watch, 0, sizeof *watch);
  watch->task_id = task_id;
  watch->watcher = w;
  watch->began = now;
  watch->deadline = deadline;
  watch->percent = watch->eta = -1;
  novita_heap_put(&w->node, &watch->node,
                  now + first < deadline ? now + first : deadline);
  novita_op_begin(&watch->op, &kind->class, w->pool->loop);
  wake_later(w);
  return 0;
}


void novita_watch_free (struct novita_watch *watch) {
  clear_last_error(watch);
  if (watch->result == NULL) return;
  novita_buffer_free(&watch->result->body);
  free(watch->result);
  watch->result = NULL;
}


/* {====== opening and closing ====== */

static void prepare_poll (struct novita_watch_scheduler *w,
                              struct novita_poll_request *q) {
  novita_request_init(&q->request, RESPONSE_LIMIT);
  q->request.options.method = NOVITA_METHOD_GET;
  q->request.options.flags = NOVITA_REQUEST_AUTHENTICATED | NOVITA_REQUEST_ONCE | NOVITA_REQUEST_SMALL;
  q->request.options.try_seconds = w->try_seconds;
  q->request.options.done = responded;
  q->watcher = w;
  q->next = w->idle;
  w->idle = q;
}


int novita_watch_scheduler_open (struct novita_watch_scheduler *w, struct novita_pool *pool,
                         const struct novita_watch_options *o,
                         struct novita_error *e) {
  int i;
  memset(w, 0, sizeof *w);
  novita_heap_init(&w->node);
  w->poll_slots = calloc((size_t)o->at_once, sizeof *w->poll_slots);
  if (w->poll_slots == NULL || novita_timer_reserve(pool->loop) != 0) {
    free(w->poll_slots);
    return novita_error_set_memory(e);
  }
  w->pool = pool;
  w->schedule = o->schedule;
  w->grace = o->grace;
  w->try_seconds = o->try_seconds;
  w->poll_count = o->at_once;
  w->timer.fire = on_timer;
  novita_random_seed(&w->random);
  novita_token_bucket_init(&w->token_bucket, o->at_once, o->per_second, novita_clock_now());
  for (i = 0; i < w->poll_count; i++)
    prepare_poll(w, &w->poll_slots[i]);
  return 0;
}


void novita_watch_scheduler_close (struct novita_watch_scheduler *w) {
  int i;
  if (w->pool == NULL) return;
  novita_timer_stop(w->pool->loop, &w->timer);
  novita_timer_release(w->pool->loop);
  for (i = 0; i < w->poll_count; i++)
    novita_request_free(&w->poll_slots[i].request);
  free(w->poll_slots);
  novita_heap_free(&w->node);
  memset(w, 0, sizeof *w);
}

/* }====== */
