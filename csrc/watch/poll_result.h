/*
** poll_result.h: what the response to a poll means for the wait. Pure rules.
*/
#ifndef novita_watch_poll_result_h
#define novita_watch_poll_result_h

#include "../http/request_state.h"
#include "task_status.h"

enum novita_poll_result_kind {
  NOVITA_POLL_RESULT_STATUS,   /* 'status' is the task's */
  NOVITA_POLL_RESULT_REFUSED,  /* the API refuses for good: the wait ends */
  NOVITA_POLL_RESULT_FAILED    /* nothing learned: poll again later */
};

/* why a poll failed, in a few bytes, because each watch keeps one */
struct novita_poll_error {
  const char *code;  /* static; NULL = the status is the code */
  uint16_t status;   /* HTTP; 0 = there was no response */
  uint8_t kind;      /* enum novita_error_kind; NONE = the poll succeeded */
};

struct novita_poll_result {
  enum novita_poll_result_kind kind;
  struct novita_task_status status;
  struct novita_poll_error error;
};

/* 'settled': the task is old enough to be known to the whole service.
** 'failures': polls that have failed in a row before this one. */
NOVITA_FUNC void novita_poll_result_read (
  const struct novita_request_result *result,
  novita_task_status_parser *parse, bool settled, int failures,
  struct novita_poll_result *out);

NOVITA_FUNC bool novita_poll_result_same_error (
  const struct novita_poll_error *a, const struct novita_poll_error *b);
/* whether the same poll may succeed later: see status_class.h */
NOVITA_FUNC bool novita_poll_result_error_retryable (
  const struct novita_poll_error *error);

#endif
