/*
** poll_result.c: see poll_result.h. status_class.h says what a status means
** in general; here are the exceptions for tasks.
*/
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


bool novita_poll_result_same_error (const struct novita_poll_error *a,
                                    const struct novita_poll_error *b) {
  return a->kind == b->kind && a->status == b->status && a->code == b->code;
}


bool novita_poll_result_error_retryable (
    const struct novita_poll_error *error) {
  if (error->code == NULL)
    return novita_status_class_is_transient(
      novita_status_class_of(error->status));
  return error->kind == NOVITA_ERROR_NETWORK ||
         error->kind == NOVITA_ERROR_TIMEOUT ||
         error->kind == NOVITA_ERROR_PROTOCOL;
}


static void set_failed (struct novita_poll_result *out,
                        enum novita_error_kind kind, const char *code,
                        long status) {
  out->kind = NOVITA_POLL_RESULT_FAILED;
  out->error.kind = (uint8_t)kind;
  out->error.code = code;
  out->error.status = (uint16_t)status;
}


/* JSON with a reason is the API's own, a page is a gateway's. */
static void failed_with_status (const struct novita_request_result *result,
                                struct novita_poll_result *out) {
  const struct novita_buffer *body = &result->response;
  bool of_api = novita_task_status_is_api_error(body->data, body->len);
  set_failed(out, of_api ? NOVITA_ERROR_API : NOVITA_ERROR_HTTP, NULL,
             result->status);
}


/* a 200 without a task status: a refusal that may pass, or a response that is
** not the API's */
static void failed_with_200 (const struct novita_request_result *result,
                             struct novita_poll_result *out) {
  long legacy = novita_status_class_legacy(novita_task_status_legacy_code(
    result->response.data, result->response.len));
  if (legacy != 0) set_failed(out, NOVITA_ERROR_API, NULL, legacy);
  else set_failed(out, NOVITA_ERROR_PROTOCOL, "malformed", result->status);
}


static void read_status (const struct novita_request_result *result,
                         novita_task_status_parser *parse, bool settled,
                         struct novita_poll_result *out) {
  const struct novita_buffer *body = &result->response;
  if (parse(body->data, body->len, &out->status))
    out->kind = NOVITA_POLL_RESULT_STATUS;
  else if (is_legacy_refusal(result, settled))
    out->kind = NOVITA_POLL_RESULT_REFUSED;
  else failed_with_200(result, out);
}


void novita_poll_result_read (const struct novita_request_result *result,
                               novita_task_status_parser *parse, bool settled,
                               int failures, struct novita_poll_result *out) {
  memset(&out->error, 0, sizeof out->error);
  if (result->error.kind != NOVITA_ERROR_NONE)
    set_failed(out, result->error.kind, result->error.code, 0);
  else if (result->status == 200) read_status(result, parse, settled, out);
  else if (is_permanent(result, settled, failures))
    out->kind = NOVITA_POLL_RESULT_REFUSED;
  else failed_with_status(result, out);
}
