/*
** watch.c: see watch.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "watch.h"

#define REPLY_LIMIT (1024 * 1024)
#define LONGEST_ID 256
#define LONGEST_URL 2048
#define PAGES 10  /* in a row: then there is no service behind them */

struct novita_question {
  struct novita_call call;        /* first member */
  struct novita_watcher *watcher;
  struct novita_watch *watch;     /* NULL: cancelled meanwhile */
  struct novita_question *next;   /* among the idle */
};

static void ask_due (struct novita_watcher *w);
static void watch_cancel (struct novita_op *op);


static const struct novita_watch_kind kinds[] = {
  {{"subject", watch_cancel}, "/v3/training/subject?task_id=",
   novita_judge_training, true},
  {{"style", watch_cancel}, "/v3/training/style?task_id=",
   novita_judge_training, true},
  {{"image", watch_cancel}, "/v3/async/task-result?task_id=",
   novita_judge_result, false},
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


static struct novita_watch *watch_of (struct novita_due *due) {
  return (struct novita_watch *)
    ((char *)due - offsetof(struct novita_watch, due));
}


/* {====== ends ====== */

static void finish (struct novita_watch *watch) {
  novita_heap_remove(&watch->watcher->due, &watch->due);
  novita_heap_release(&watch->watcher->due);
  novita_op_finish(&watch->op);
}


/* Without memory for it a watch still ends, as 'out of memory'. */
static struct novita_outcome *make_outcome (struct novita_watch *watch) {
  struct novita_outcome *o = calloc(1, sizeof *o);
  if (o == NULL) return NULL;
  novita_error_clear(&o->error);
  novita_buffer_init(&o->body, REPLY_LIMIT);
  watch->outcome = o;
  return o;
}


/* The reply changes hands; the question starts its next one with none. */
static void keep_reply (struct novita_outcome *o, struct novita_call *call) {
  struct novita_buffer empty = o->body;
  o->body = call->reply;
  call->reply = empty;
  o->status = call->status;
}


static void end_with_reply (struct novita_watch *watch,
                            struct novita_call *call) {
  struct novita_outcome *o = make_outcome(watch);
  if (o != NULL) {
    keep_reply(o, call);
    if (watch->stage < NOVITA_STAGE_SERVING)
      novita_fail(&o->error, NOVITA_API, "refused",
                  "%s:%d answered %ld about task %s", call->origin.host,
                  call->origin.port, call->status, watch->task_id);
  }
  finish(watch);
}


/* The model's name is in the reply, which has changed hands but not moved. */
static void end_with_verdict (struct novita_watch *watch,
                              struct novita_call *call,
                              const struct novita_verdict *v) {
  end_with_reply(watch, call);
  if (watch->outcome != NULL) watch->outcome->model = v->model;
}


static void end_by_deadline (struct novita_watch *watch) {
  struct novita_outcome *o = make_outcome(watch);
  if (o != NULL)
    novita_fail(&o->error, NOVITA_TIMEOUT, "timeout",
                "task %s was not finished in time; it goes on at the "
                "service, attach to it later", watch->task_id);
  finish(watch);
}

/* }====== */


/* {====== the next question ====== */

static void wake_later (struct novita_watcher *w) {
  struct novita_due *first = novita_heap_first(&w->due);
  double at;
  if (first == NULL) return;
  at = first->at;
  if (w->idle == NULL) {
    novita_timer_stop(w->http->loop, &w->timer);
    return;  /* the end of a question will look again */
  }
  if (w->budget.tokens < 1) {
    double token = novita_budget_next(&w->budget, novita_now());
    if (token > at) at = token;
  }
  if (w->timer.due.slot == 0 || w->timer.due.at != at)
    novita_timer_start(w->http->loop, &w->timer, at);
}


static void put_back (struct novita_watch *watch, double seconds) {
  double at = novita_now() + seconds;
  if (at > watch->deadline) at = watch->deadline;
  novita_heap_put(&watch->watcher->due, &watch->due, at);
}


static void tell (struct novita_watch *watch, bool changed) {
  if (changed && watch->listening) novita_op_changed(&watch->op);
}


static void forget_trouble (struct novita_watch *watch) {
  free(watch->trouble);
  watch->trouble = NULL;
}


static void no_trouble (struct novita_watch *watch) {
  bool changed = watch->trouble != NULL;
  forget_trouble(watch);
  tell(watch, changed);
}


/* A word of the service may end up on a terminal. */
static void note_trouble (struct novita_watch *watch, const char *what,
                          const char *word) {
  char text[28], *s;
  snprintf(text, sizeof text, "%s%.20s", what, word);
  for (s = text; *s != '\0'; s++)
    if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
  if (watch->trouble != NULL && strcmp(watch->trouble, text) == 0) return;
  forget_trouble(watch);
  watch->trouble = strdup(text);  /* without memory there is none to tell */
  tell(watch, true);
}


static void note_change (struct novita_watch *watch,
                         const struct novita_verdict *v) {
  bool changed = watch->stage != v->stage ||
                 watch->percent != (float)v->percent;
  watch->stage = (unsigned char)v->stage;
  watch->percent = (float)v->percent;
  watch->eta = (float)v->eta;
  tell(watch, changed);
}

/* }====== */


/* {====== answers ====== */

static void told_nothing (struct novita_watch *watch,
                          const struct novita_call *call, const char *word) {
  struct novita_watcher *w = watch->watcher;
  if (watch->failures < 1000) watch->failures++;
  note_trouble(watch, "", word);
  put_back(watch, novita_interval_failed(&w->pace, watch->failures,
                                         call->retry_after, &w->random));
}


/* 401, 403, 404 and their like, said by the API itself. Right after its
** creation a task may not be known everywhere yet. A page of a gateway that
** has lost its service says 401 and 404 as well: of these it takes a row. */
static bool is_permanent (const struct novita_watch *watch,
                          const struct novita_call *call) {
  bool missing = call->status == 404;
  if (call->status < 400 || novita_status_transient(call->status))
    return false;
  if (missing && novita_now() < watch->began + watch->watcher->grace)
    return false;
  if (novita_answer_is_api(call->reply.data, call->reply.len)) return true;
  return (missing || call->status == 401) && watch->failures >= PAGES - 1;
}


/* Legacy envelopes carry their refusals in a 200: 3 is "no such task", 4 is
** "invalid auth"; the others may pass. */
static bool is_legacy_refusal (const struct novita_watch *watch,
                               const struct novita_call *call) {
  int code = novita_answer_legacy_code(call->reply.data, call->reply.len);
  if (code == 4) return true;
  return code == 3 && novita_now() >= watch->began + watch->watcher->grace;
}


static void read_status (struct novita_watch *watch,
                         struct novita_call *call) {
  struct novita_watcher *w = watch->watcher;
  struct novita_verdict v;
  if (!novita_watch_kind_of(watch)->judge(call->reply.data, call->reply.len, &v)) {
    if (is_legacy_refusal(watch, call)) end_with_reply(watch, call);
    else told_nothing(watch, call, "malformed");
    return;
  }
  watch->failures = 0;
  if (v.stage == NOVITA_STAGE_UNKNOWN && strcmp(v.word, "UNKNOWN") != 0)
    note_trouble(watch, "state ", v.word);
  else
    no_trouble(watch);
  note_change(watch, &v);
  if (novita_stage_final(v.stage)) end_with_verdict(watch, call, &v);
  else
    put_back(watch, novita_interval(&w->pace, &v,
                                    novita_now() - watch->began, &w->random));
}


static void read_answer (struct novita_watch *watch,
                         struct novita_call *call) {
  char word[16];
  if (call->error.kind != NOVITA_OK) {
    told_nothing(watch, call, call->error.code);
    return;
  }
  if (call->status == 200) {
    read_status(watch, call);
    return;
  }
  if (is_permanent(watch, call)) {
    end_with_reply(watch, call);
    return;
  }
  snprintf(word, sizeof word, "status %ld", call->status);
  told_nothing(watch, call, word);
}


static void answered (struct novita_call *call) {
  struct novita_question *q = (struct novita_question *)call;
  struct novita_watcher *w = q->watcher;
  struct novita_watch *watch = q->watch;
  q->watch = NULL;
  if (watch != NULL) {
    watch->asking = NULL;
    watch->polls++;
    read_answer(watch, call);
  }
  q->next = w->idle;
  w->idle = q;
  ask_due(w);
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
static int make_url (struct novita_question *q,
                     const struct novita_watch *watch) {
  char id[LONGEST_ID * 3 + 1];
  int n;
  if (q->call.url == NULL) q->call.url = malloc(LONGEST_URL);
  if (q->call.url == NULL) return -1;
  escape(watch->task_id, id);
  n = snprintf(q->call.url, LONGEST_URL, "%s%s%s",
               q->watcher->http->base_url, novita_watch_kind_of(watch)->path, id);
  return n < LONGEST_URL ? 0 : -1;
}


static void ask (struct novita_watcher *w, struct novita_watch *watch) {
  struct novita_question *q = w->idle;
  struct novita_error e;
  w->idle = q->next;
  q->watch = watch;
  watch->asking = q;
  q->call.deadline = watch->deadline;
  if (make_url(q, watch) == 0 &&
      novita_call_start(w->http, &q->call, &e) == 0)
    return;
  q->watch = NULL;
  watch->asking = NULL;
  q->next = w->idle;
  w->idle = q;
  told_nothing(watch, &q->call, "memory");
}


static void ask_due (struct novita_watcher *w) {
  struct novita_due *first;
  double now = novita_now();
  while (w->idle != NULL && (first = novita_heap_first(&w->due)) != NULL &&
         first->at <= now) {
    struct novita_watch *watch = watch_of(first);
    bool late = watch->deadline <= now;
    if (!late && !novita_budget_take(&w->budget, now)) break;
    novita_heap_remove(&w->due, first);
    if (late) end_by_deadline(watch);
    else ask(w, watch);
  }
  wake_later(w);
}


static void on_timer (struct novita_timer *timer) {
  ask_due((struct novita_watcher *)
    ((char *)timer - offsetof(struct novita_watcher, timer)));
}

/* }====== */


static void watch_cancel (struct novita_op *op) {
  struct novita_watch *watch = (struct novita_watch *)op;
  struct novita_question *q = watch->asking;
  novita_heap_remove(&watch->watcher->due, &watch->due);
  novita_heap_release(&watch->watcher->due);
  watch->asking = NULL;
  if (q == NULL) return;
  q->watch = NULL;
  novita_call_cancel(&q->call);
  q->next = q->watcher->idle;
  q->watcher->idle = q;
  wake_later(watch->watcher);  /* others may have waited for this question */
}


int novita_watch_start (struct novita_watcher *w, struct novita_watch *watch,
                        const struct novita_watch_kind *kind,
                        const char *task_id, double first, double deadline) {
  double now = novita_now();
  if (novita_heap_promise(&w->due) != 0) return -1;
  memset(watch, 0, sizeof *watch);
  watch->task_id = task_id;
  watch->watcher = w;
  watch->began = now;
  watch->deadline = deadline;
  watch->percent = watch->eta = -1;
  novita_heap_put(&w->due, &watch->due,
                  now + first < deadline ? now + first : deadline);
  novita_op_begin(&watch->op, &kind->class, w->http->loop);
  wake_later(w);
  return 0;
}


void novita_watch_free (struct novita_watch *watch) {
  forget_trouble(watch);
  if (watch->outcome == NULL) return;
  novita_buffer_free(&watch->outcome->body);
  free(watch->outcome);
  watch->outcome = NULL;
}


/* {====== opening and closing ====== */

static void prepare_question (struct novita_watcher *w,
                              struct novita_question *q) {
  novita_call_init(&q->call, REPLY_LIMIT);
  q->call.method = NOVITA_GET;
  q->call.flags = NOVITA_KEYED | NOVITA_ONCE | NOVITA_SMALL;
  q->call.try_seconds = w->try_seconds;
  q->call.done = answered;
  q->watcher = w;
  q->next = w->idle;
  w->idle = q;
}


int novita_watcher_open (struct novita_watcher *w, struct novita_http *http,
                         const struct novita_watch_options *o,
                         struct novita_error *e) {
  int i;
  memset(w, 0, sizeof *w);
  novita_heap_init(&w->due);
  w->questions = calloc((size_t)o->at_once, sizeof *w->questions);
  if (w->questions == NULL || novita_timer_promise(http->loop) != 0) {
    free(w->questions);
    return novita_fail_memory(e);
  }
  w->http = http;
  w->pace = o->pace;
  w->grace = o->grace;
  w->try_seconds = o->try_seconds;
  w->question_count = o->at_once;
  w->timer.fire = on_timer;
  novita_random_seed(&w->random);
  novita_budget_init(&w->budget, o->at_once, o->per_second, novita_now());
  for (i = 0; i < w->question_count; i++)
    prepare_question(w, &w->questions[i]);
  return 0;
}


void novita_watcher_close (struct novita_watcher *w) {
  int i;
  if (w->http == NULL) return;
  novita_timer_stop(w->http->loop, &w->timer);
  novita_timer_release(w->http->loop);
  for (i = 0; i < w->question_count; i++)
    novita_call_free(&w->questions[i].call);
  free(w->questions);
  novita_heap_free(&w->due);
  memset(w, 0, sizeof *w);
}

/* }====== */
