/*
** watch.c: see watch.h
*/
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "watch.h"


static struct novita_watch *watch_of (struct novita_poll *poll) {
  return NOVITA_CONTAINER_OF(poll, struct novita_watch, poll);
}


const struct novita_watch_kind *novita_watch_kind_of (
    const struct novita_watch *watch) {
  return (const struct novita_watch_kind *)watch->op.class;
}


/* {====== progress ====== */

static void notify (struct novita_watch *watch, bool changed) {
  if (changed && watch->listening) novita_op_changed(&watch->op);
}


static void set_last_error (struct novita_watch *watch,
                            const struct novita_poll_error *error) {
  if (novita_poll_result_same_error(&watch->last_error, error)) return;
  watch->last_error = *error;
  notify(watch, true);
}


static void set_progress (struct novita_watch *watch,
                          const struct novita_task_status *status) {
  bool changed = watch->stage != status->stage ||
                 watch->task_word != status->task.number ||
                 watch->model_word != status->model.number ||
                 watch->percent != (float)status->percent;
  watch->stage = status->stage & 15;
  watch->task_word = status->task.number & 15;
  watch->model_word = status->model.number & 15;
  watch->percent = (float)status->percent;
  watch->eta = (float)status->eta;
  notify(watch, changed);
}

/* }====== */


/* {====== unknown words ====== */

/* Keeps the text of an unknown word; true if it is a new one. */
static bool keep_unknown (char *kept, const struct novita_status_word *word) {
  const char *text = novita_task_status_is_unknown(word) ? word->text : "";
  if (strcmp(kept, text) == 0) return false;
  strcpy(kept, text);
  return text[0] != '\0';
}


static void forget_unknown (struct novita_watch *watch) {
  free(watch->unknown);
  watch->unknown = NULL;
}


/* A new unknown word is an event even without a listener, because a person
** should know of it. After out-of-memory the next poll tries again. */
static void set_unknown (struct novita_watch *watch,
                         const struct novita_task_status *status) {
  struct novita_watch_unknown *u = watch->unknown;
  bool fresh;
  if (!novita_task_status_is_unknown(&status->task) &&
      !novita_task_status_is_unknown(&status->model)) {
    forget_unknown(watch);
    return;
  }
  if (u == NULL) {
    watch->unknown = u = calloc(1, sizeof *u);
    if (u == NULL) return;
    u->since = novita_clock_now();
  }
  fresh = keep_unknown(u->task, &status->task);
  fresh = keep_unknown(u->model, &status->model) || fresh;
  if (fresh) novita_op_changed(&watch->op);
}


/* seconds until the wait ends because of unknown words */
static double unknown_left (const struct novita_watch *watch,
                            const struct novita_watch_unknown *u) {
  return u->since + watch->poll.scheduler->unknown_timeout -
         novita_clock_now();
}


static const char *word_of (uint8_t number, const char *unknown) {
  const char *known = novita_task_status_word(number);
  if (known != NULL) return known;
  return unknown != NULL && unknown[0] != '\0' ? unknown : NULL;
}


const char *novita_watch_task_word (const struct novita_watch *watch) {
  const struct novita_watch_unknown *u = watch->unknown;
  return word_of(watch->task_word, u != NULL ? u->task : NULL);
}


const char *novita_watch_model_word (const struct novita_watch *watch) {
  const struct novita_watch_unknown *u = watch->unknown;
  return word_of(watch->model_word, u != NULL ? u->model : NULL);
}

/* }====== */


/* {====== ends ====== */

static void finish (struct novita_watch *watch) {
  novita_watch_scheduler_remove(&watch->poll);
  novita_op_finish(&watch->op);
}


/* A watch without a result ends as 'out of memory'. */
static struct novita_watch_result *make_result (struct novita_watch *watch) {
  struct novita_watch_result *o = calloc(1, sizeof *o);
  if (o == NULL) return NULL;
  novita_error_clear(&o->error);
  watch->result = o;
  return o;
}


/* The result takes over the body; the request gets a new buffer next time. */
static void take_body (struct novita_watch_result *o,
                       struct novita_request_result *result) {
  o->status = result->status;
  o->body = result->response;
  novita_buffer_init(&result->response, o->body.limit);
}


static void end_with_refusal (struct novita_watch *watch,
                              struct novita_request_result *result) {
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL) {
    take_body(o, result);
    novita_error_set(&o->error, NOVITA_ERROR_API, "refused",
                     "%s:%d answered %ld about task %s", result->origin.host,
                     result->origin.port, result->status,
                     watch->poll.task_id);
  }
  finish(watch);
}


/* The model's name points into the body, which gets another owner but does not
** move. */
static void end_with_status (struct novita_watch *watch,
                             struct novita_request_result *result,
                             const struct novita_task_status *status) {
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL) {
    take_body(o, result);
    o->model_name = status->model_name;
  }
  finish(watch);
}


static void end_with_unknown (struct novita_watch *watch,
                              const struct novita_watch_unknown *u) {
  struct novita_watch_result *o = make_result(watch);
  bool of_task = u->task[0] != '\0';
  if (o != NULL)
    novita_error_set(&o->error, NOVITA_ERROR_TIMEOUT, "unknown_status",
                     "its %s has been %s for %g s, which this version of "
                     "novita does not know: check the task at the service, "
                     "attach to it to wait again",
                     of_task ? "task_status" : "model_status",
                     of_task ? u->task : u->model,
                     watch->poll.scheduler->unknown_timeout);
  finish(watch);
}

/* }====== */


/* {====== polls ====== */

static void poll_later (struct novita_watch *watch, double retry_after,
                        const struct novita_poll_error *error) {
  struct novita_watch_scheduler *w = watch->poll.scheduler;
  if (watch->failures < 1000) watch->failures++;
  set_last_error(watch, error);
  novita_watch_scheduler_again(
    &watch->poll, novita_poll_schedule_backoff(&w->schedule, watch->failures,
                                               retry_after, &w->random));
}


static void poll_failed (struct novita_poll *poll) {
  static const struct novita_poll_error error = {"memory", 0,
                                                 NOVITA_ERROR_MEMORY};
  poll_later(watch_of(poll), 0, &error);
}


static void still_running (struct novita_watch *watch,
                           const struct novita_task_status *status) {
  struct novita_watch_scheduler *w = watch->poll.scheduler;
  double age = novita_clock_now() - watch->began;
  double next = novita_poll_schedule_interval(&w->schedule, status, age,
                                              &w->random);
  const struct novita_watch_unknown *u = watch->unknown;
  double left = u != NULL ? unknown_left(watch, u) : NOVITA_NEVER;
  if (u != NULL && left <= 0) end_with_unknown(watch, u);
  else novita_watch_scheduler_again(&watch->poll, next < left ? next : left);
}


static void has_status (struct novita_watch *watch,
                        struct novita_request_result *result,
                        const struct novita_poll_result *polled) {
  watch->failures = 0;
  set_last_error(watch, &polled->error);
  set_progress(watch, &polled->status);
  set_unknown(watch, &polled->status);
  if (novita_task_status_is_final(polled->status.stage))
    end_with_status(watch, result, &polled->status);
  else still_running(watch, &polled->status);
}


static void poll_responded (struct novita_poll *poll,
                            struct novita_request *request) {
  struct novita_watch *watch = watch_of(poll);
  struct novita_request_result *result = &request->result;
  struct novita_poll_result polled;
  bool settled = novita_clock_now() >= watch->began + poll->scheduler->grace;
  watch->polls++;
  novita_poll_result_read(result, novita_watch_kind_of(watch)->parse, settled,
                           watch->failures, &polled);
  if (polled.kind == NOVITA_POLL_RESULT_STATUS)
    has_status(watch, result, &polled);
  else if (polled.kind == NOVITA_POLL_RESULT_REFUSED)
    end_with_refusal(watch, result);
  else poll_later(watch, result->retry_after, &polled.error);
}

/* }====== */


static void watch_cancel (struct novita_op *op) {
  novita_watch_scheduler_remove(&((struct novita_watch *)op)->poll);
}


/* {====== kinds ====== */

#define POLL_CLASS(path) {path, poll_responded, poll_failed}

static const struct novita_watch_kind kinds[] = {
  {{"subject", watch_cancel},
   POLL_CLASS("/v3/training/subject?task_id="),
   novita_task_status_parse_training, true},
  {{"style", watch_cancel},
   POLL_CLASS("/v3/training/style?task_id="),
   novita_task_status_parse_training, true},
  {{"image", watch_cancel},
   POLL_CLASS("/v3/async/task-result?task_id="),
   novita_task_status_parse_result, false},
};


const struct novita_watch_kind *novita_watch_kind_find (const char *name) {
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strcmp(kinds[i].class.name, name) == 0) return &kinds[i];
  return NULL;
}

/* }====== */


int novita_watch_start (struct novita_watch_scheduler *w,
                        struct novita_watch *watch,
                        const struct novita_watch_kind *kind,
                        const char *task_id, double first) {
  memset(watch, 0, sizeof *watch);
  watch->poll.class = &kind->poll_class;
  watch->poll.task_id = task_id;
  watch->began = novita_clock_now();
  watch->percent = watch->eta = -1;
  if (novita_watch_scheduler_add(w, &watch->poll, first) != 0) return -1;
  novita_op_begin(&watch->op, &kind->class, w->pool->loop);
  return 0;
}


void novita_watch_free (struct novita_watch *watch) {
  forget_unknown(watch);
  if (watch->result == NULL) return;
  novita_buffer_free(&watch->result->body);
  free(watch->result);
  watch->result = NULL;
}
