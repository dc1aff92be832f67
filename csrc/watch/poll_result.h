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

struct novita_poll_result {
  enum novita_poll_result_kind kind;
  struct novita_task_status status;
  char problem[28];  /* why a poll failed, or an unknown state; "" = none */
};

/* 'settled': the task is old enough to be known to the whole service.
** 'failures': polls that have failed in a row before this one. */
NOVITA_FUNC void novita_poll_result_read (
  const struct novita_request_result *result,
  novita_task_status_parser *parse, bool settled, int failures,
  struct novita_poll_result *out);

#endif
