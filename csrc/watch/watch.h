/*
** watch.h: wait for a task. A watch costs its struct; scheduler.h polls all
** watched tasks with a few requests.
**
** A watch ends by a final stage, by a permanent refusal of the API, or when the
** service has used only unknown words for too long. An outage, a 5xx, a 429, a
** cut or malformed response only delays it.
*/
#ifndef novita_watch_watch_h
#define novita_watch_watch_h

#include "../event/op.h"
#include "poll_result.h"
#include "scheduler.h"

struct novita_watch_kind {
  struct novita_op_class class;  /* first member; named "subject", "style" or
                                 ** "image" */
  struct novita_poll_class poll_class;
  novita_task_status_parser *parse;
  bool trains;                   /* it makes a model, not images */
};

/* NULL if there is no kind of this name */
NOVITA_FUNC const struct novita_watch_kind *novita_watch_kind_find (
  const char *name);

/* separate from the watch, because most tasks are still running */
struct novita_watch_result {
  struct novita_error error;   /* kind NOVITA_ERROR_NONE: a final stage */
  long status;                 /* of the response that refused */
  struct novita_buffer body;   /* the last response */
  struct novita_json model_name;  /* in 'body': see novita_task_status */
};

/* separate from the watch, because unknown words are rare */
struct novita_watch_unknown {
  double since;                  /* when the first of them in a row came */
  char task[NOVITA_WORD_SIZE];   /* task_status as sent; "" = it is known */
  char model[NOVITA_WORD_SIZE];  /* model_status, likewise */
};

struct novita_watch {
  struct novita_op op;              /* first member; its class is the kind */
  struct novita_poll poll;
  struct novita_watch_result *result;  /* after the end; malloc'd, or NULL on
                                       ** out-of-memory */
  struct novita_watch_unknown *unknown;  /* malloc'd, or NULL */
  struct novita_poll_error last_error;   /* of the last poll */
  double began;
  float percent, eta;               /* -1 = not known */
  unsigned polls;
  uint16_t failures;                /* polls that failed in a row */
  uint8_t task_word : 4, model_word : 4;  /* see novita_task_status_word */
  uint8_t stage : 4;                /* enum novita_stage */
  bool listening : 1;               /* report changes, not only the end */
};

/* 'task_id' must stay where it is until novita_watch_free; 'first': seconds
** until the first poll; -1 only on out-of-memory */
NOVITA_FUNC int novita_watch_start (struct novita_watch_scheduler *w,
                                    struct novita_watch *watch,
                                    const struct novita_watch_kind *kind,
                                    const char *task_id, double first);
NOVITA_FUNC const struct novita_watch_kind *novita_watch_kind_of (
  const struct novita_watch *watch);
/* the words of the last response, as sent; NULL if it has no such word */
NOVITA_FUNC const char *novita_watch_task_word (
  const struct novita_watch *watch);
NOVITA_FUNC const char *novita_watch_model_word (
  const struct novita_watch *watch);
NOVITA_FUNC void novita_watch_free (struct novita_watch *watch);

#endif
