/*
** task_status.h: reads a task's status from the JSON of a response.
*/
#ifndef novita_watch_task_status_h
#define novita_watch_task_status_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/func.h"
#include "../base/json.h"

/* in the order in which a task goes through them */
enum novita_stage {
  NOVITA_STAGE_UNKNOWN,    /* not known yet, or an unknown word */
  NOVITA_STAGE_QUEUING,
  NOVITA_STAGE_TRAINING,   /* of an image task: it is generated */
  NOVITA_STAGE_DEPLOYING,
  NOVITA_STAGE_SERVING,    /* terminal from here on */
  NOVITA_STAGE_FAILED,
  NOVITA_STAGE_CANCELED
};

#define NOVITA_WORD_SIZE 40  /* with the NUL; a longer word becomes "?" */

/* One of the service's words. The number of a known word takes one byte in a
** watch; only an unknown word needs its text. */
struct novita_status_word {
  uint8_t number;               /* 0 = no word, or an unknown one */
  char text[NOVITA_WORD_SIZE];  /* "" = no word; control bytes are '?' */
};

struct novita_task_status {
  enum novita_stage stage;
  double percent, eta;       /* -1 = not known; eta in seconds */
  struct novita_status_word task, model;  /* task_status, model_status */
  struct novita_json model_name;  /* of the serving model, in the body; 'at' is
                                  ** NULL if there is no name */
};

/* A parser reads one kind of response (the body of a 200). False if the body is
** malformed, which says nothing about the task. */
typedef bool novita_task_status_parser (const char *body, size_t len,
                                        struct novita_task_status *out);

/* GET /v3/training/subject, GET /v3/training/style */
NOVITA_FUNC bool novita_task_status_parse_training (
  const char *body, size_t len, struct novita_task_status *out);
/* GET /v3/async/task-result */
NOVITA_FUNC bool novita_task_status_parse_result (
  const char *body, size_t len, struct novita_task_status *out);

NOVITA_FUNC bool novita_task_status_is_final (enum novita_stage stage);

/* the text of a known word; NULL for 0 */
NOVITA_FUNC const char *novita_task_status_word (uint8_t number);
/* whether the service said something that this library does not know */
NOVITA_FUNC bool novita_task_status_is_unknown (
  const struct novita_status_word *word);

/* whether the body is an error of the API itself (JSON with a reason or a
** code), which concerns the task. A page of a gateway is only an outage. */
NOVITA_FUNC bool novita_task_status_is_api_error (const char *body, size_t len);

/* the code of a legacy envelope {code, msg, data} that came with status 200;
** 0 = success or no envelope */
NOVITA_FUNC int novita_task_status_legacy_code (const char *body, size_t len);

#endif
