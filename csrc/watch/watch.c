/*
** watch.c: see watch.h
*/
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "poll_result.h"
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


/* It may contain a word of the service, and may be printed to a terminal. */
static void make_printable (char *s) {
  for (; *s != '\0'; s++)
    if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
}


/* "" = none. After out-of-memory it is NULL, too. */
static void set_last_error (struct novita_watch *watch, char *text) {
  const char *before = watch->last_error != NULL ? watch->last_error : "";
  make_printable(text);
  if (strcmp(before, text) == 0) return;
  free(watch->last_error);
  watch->last_error = text[0] != '\0' ? strdup(text) : NULL;
  notify(watch, true);
}


static void set_progress (struct novita_watch *watch,
                          const struct novita_task_status *status) {
  bool changed = watch->stage != status->stage ||
                 watch->percent != (float)status->percent;
  watch->stage = (uint8_t)status->stage;
  watch->percent = (float)status->percent;
  watch->eta = (float)status->eta;
  notify(watch, changed);
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


/* The model's name is in the body, which changes hands but does not move. */
static void end_with_status (struct novita_watch *watch,
                             struct novita_request_result *result,
                             const struct novita_task_status *status) {
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL) {
    take_body(o, result);
    o->model = status->model;
  }
  finish(watch);
}


static void poll_timed_out (struct novita_poll *poll) {
  struct novita_watch *watch = watch_of(poll);
  struct novita_watch_result *o = make_result(watch);
  if (o != NULL)
    novita_error_set(&o->error, NOVITA_ERROR_TIMEOUT, "timeout",
                     "task %s did not finish in time; it continues at "
                     "the service, attach to it later", poll->task_id);
  finish(watch);
}

/* }====== */


/* {====== polls ====== */

static void poll_later (struct novita_watch *watch, double retry_after,
                        char *problem) {
  struct novita_watch_scheduler *w = watch->poll.scheduler;
  if (watch->failures < 1000) watch->failures++;
  set_last_error(watch, problem);
  novita_watch_scheduler_again(
    &watch->poll, novita_poll_schedule_backoff(&w->schedule, watch->failures,
                                               retry_after, &w->random));
}


static void poll_failed (struct novita_poll *poll) {
  char problem[] = "memory";
  poll_later(watch_of(poll), 0, problem);
}


static void has_status (struct novita_watch *watch,
                        struct novita_request_result *result,
                        struct novita_poll_result *polled) {
  struct novita_watch_scheduler *w = watch->poll.scheduler;
  const struct novita_task_status *status = &polled->status;
  double age = novita_clock_now() - watch->began;
  watch->failures = 0;
  set_last_error(watch, polled->problem);
  set_progress(watch, status);
  if (novita_task_status_is_final(status->stage))
    end_with_status(watch, result, status);
  else
    novita_watch_scheduler_again(
      &watch->poll, novita_poll_schedule_interval(&w->schedule, status, age,
                                                  &w->random));
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
  else poll_later(watch, result->retry_after, polled.problem);
}

/* }====== */


static void watch_cancel (struct novita_op *op) {
  novita_watch_scheduler_remove(&((struct novita_watch *)op)->poll);
}


/* {====== kinds ====== */

#define POLL_CLASS(path) {path, poll_responded, poll_failed, poll_timed_out}

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
                        const char *task_id, double first, double deadline) {
  memset(watch, 0, sizeof *watch);
  watch->poll.class = &kind->poll_class;
  watch->poll.task_id = task_id;
  watch->poll.deadline = deadline;
  watch->began = novita_clock_now();
  watch->percent = watch->eta = -1;
  if (novita_watch_scheduler_add(w, &watch->poll, first) != 0) return -1;
  novita_op_begin(&watch->op, &kind->class, w->pool->loop);
  return 0;
}


void novita_watch_free (struct novita_watch *watch) {
  free(watch->last_error);
  watch->last_error = NULL;
  if (watch->result == NULL) return;
  novita_buffer_free(&watch->result->body);
  free(watch->result);
  watch->result = NULL;
}
