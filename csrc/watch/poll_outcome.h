/*
** poll_outcome.h: what the response to a poll means for the wait. Pure rules.
*/
#ifndef novita_watch_poll_outcome_h
#define novita_watch_poll_outcome_h

#include "../http/request_state.h"
#include "task_status.h"

enum novita_poll_outcome_kind {
  NOVITA_POLL_OUTCOME_STATUS,   /* 'status' is the task's */
  NOVITA_POLL_OUTCOME_REFUSED,  /* the API refuses for good: the wait ends */
  NOVITA_POLL_OUTCOME_FAILED    /* nothing learned: poll again later */
};

struct novita_poll_outcome {
  enum novita_poll_outcome_kind kind;
  struct novita_task_status status;
  char problem[28];  /* why a poll failed, or an unknown state; "" = none */
};

/* 'settled': the task is old enough to be known to the whole service.
** 'failures': polls that have failed in a row before this one. */
NOVITA_FUNC void novita_poll_outcome_read (
  const struct novita_request_result *result,
  novita_task_status_parser *parse, bool settled, int failures,
  struct novita_poll_outcome *out);

#endif
