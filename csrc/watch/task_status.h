/*
** task_status.h: what a status answer says about a task. Pure reading of JSON.
*/
#ifndef novita_watch_task_status_h
#define novita_watch_task_status_h

#include <stdbool.h>
#include <stddef.h>

#include "../base/func.h"
#include "../base/json.h"

/* in the order in which a task goes through them */
enum novita_stage {
  NOVITA_STAGE_UNKNOWN,    /* not told yet, or a word we do not know */
  NOVITA_STAGE_QUEUING,
  NOVITA_STAGE_TRAINING,   /* of an image task: it is being drawn */
  NOVITA_STAGE_DEPLOYING,
  NOVITA_STAGE_SERVING,    /* terminal from here on */
  NOVITA_STAGE_FAILED,
  NOVITA_STAGE_CANCELED
};

struct novita_task_status {
  enum novita_stage stage;
  double percent, eta;     /* -1 = not told; eta in seconds */
  char word[40];           /* the service's own word for the state */
  struct novita_json model;  /* of 'serving', the model's name in the body;
                             ** 'at' is NULL where none is told */
};

/* a judge reads one kind of answer (body of a 200); false when the answer is
** not what it should be: the task is neither better nor worse off for it */
typedef bool novita_task_status_parser (const char *body, size_t len,
                           struct novita_task_status *out);

/* GET /v3/training/subject, GET /v3/training/style */
NOVITA_FUNC bool novita_task_status_parse_training (const char *body, size_t len,
                                        struct novita_task_status *out);
/* GET /v3/async/task-result */
NOVITA_FUNC bool novita_task_status_parse_result (const char *body, size_t len,
                                      struct novita_task_status *out);

NOVITA_FUNC bool novita_task_status_is_final (enum novita_stage stage);

/* A refusal in the API's own words (JSON with a reason or a code) is an
** answer about the task; a gateway's page is only an outage. */
NOVITA_FUNC bool novita_task_status_is_api_error (const char *body, size_t len);

/* the code of a legacy envelope {code, msg, data} that came with status 200;
** 0 = success or no envelope */
NOVITA_FUNC int novita_task_status_legacy_code (const char *body, size_t len);

#endif
