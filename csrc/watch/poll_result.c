/*
** poll_result.c: see poll_result.h. status_class.h says what a status means
** in general; here are the exceptions for tasks.
*/
#include <stdio.h>
#include <string.h>

#include "../http/status_class.h"
#include "poll_result.h"

#define MOST_PAGES 10  /* in a row: then the service really is gone */


/* 401, 403, 404 and similar statuses, from the API itself. Right after its
** creation, a task may not be known everywhere yet. A gateway that has lost
** its service sends 401 and 404 as well, with a page: several in a row count
** as permanent. */
static bool is_permanent (const struct novita_request_result *result,
                          bool settled, int failures) {
  const struct novita_buffer *body = &result->response;
  enum novita_status_class class = novita_status_class_of(result->status);
  bool missing = class == NOVITA_STATUS_CLASS_NOT_FOUND;
  if (result->status < 400 || novita_status_class_is_transient(class))
    return false;
  if (missing && !settled) return false;
  if (novita_task_status_is_api_error(body->data, body->len)) return true;
  return (missing || result->status == 401) && failures >= MOST_PAGES - 1;
}


/* Legacy envelopes carry their refusals in a 200. A refused key and a missing
** task end the watch; the other codes may pass. */
static bool is_legacy_refusal (const struct novita_request_result *result,
                               bool settled) {
  int code = novita_task_status_legacy_code(result->response.data,
                                            result->response.len);
  enum novita_status_class class =
    novita_status_class_of(novita_status_class_legacy(code));
  if (class == NOVITA_STATUS_CLASS_ACCOUNT) return true;
  return class == NOVITA_STATUS_CLASS_NOT_FOUND && settled;
}


static void set_failed (struct novita_poll_result *out, const char *problem) {
  out->kind = NOVITA_POLL_RESULT_FAILED;
  snprintf(out->problem, sizeof out->problem, "%.20s", problem);
}


static void read_status (const struct novita_request_result *result,
                         novita_task_status_parser *parse, bool settled,
                         struct novita_poll_result *out) {
  const struct novita_buffer *body = &result->response;
  const struct novita_task_status *status = &out->status;
  if (!parse(body->data, body->len, &out->status)) {
    if (is_legacy_refusal(result, settled))
      out->kind = NOVITA_POLL_RESULT_REFUSED;
    else set_failed(out, "malformed");
    return;
  }
  out->kind = NOVITA_POLL_RESULT_STATUS;
  if (status->stage == NOVITA_STAGE_UNKNOWN &&
      strcmp(status->word, "UNKNOWN") != 0)
    snprintf(out->problem, sizeof out->problem, "state %.20s", status->word);
}


void novita_poll_result_read (const struct novita_request_result *result,
                               novita_task_status_parser *parse, bool settled,
                               int failures, struct novita_poll_result *out) {
  out->problem[0] = '\0';
  if (result->error.kind != NOVITA_ERROR_NONE)
    set_failed(out, result->error.code);
  else if (result->status == 200) read_status(result, parse, settled, out);
  else if (is_permanent(result, settled, failures))
    out->kind = NOVITA_POLL_RESULT_REFUSED;
  else {
    out->kind = NOVITA_POLL_RESULT_FAILED;
    snprintf(out->problem, sizeof out->problem, "status %ld", result->status);
  }
}
