/*
** task_status.c: see task_status.h. Unknown words mean "still running": a new
** state of the service must not end a wait.
*/
#include <string.h>

#include "task_status.h"

#define LONGEST_ETA 1e9  /* seconds */

struct word {
  const char *text;
  enum novita_stage stage;
};

static const struct word training_words[] = {
  {"UNKNOWN", NOVITA_STAGE_UNKNOWN},
  {"QUEUING", NOVITA_STAGE_QUEUING},
  {"TRAINING", NOVITA_STAGE_TRAINING},
  {"SUCCESS", NOVITA_STAGE_DEPLOYING},  /* until a model serves */
  {"FAILED", NOVITA_STAGE_FAILED},
  {"CANCELED", NOVITA_STAGE_CANCELED},
  {NULL, NOVITA_STAGE_UNKNOWN}
};

static const struct word result_words[] = {
  {"TASK_STATUS_QUEUED", NOVITA_STAGE_QUEUING},
  {"TASK_STATUS_PROCESSING", NOVITA_STAGE_TRAINING},
  {"TASK_STATUS_SUCCEED", NOVITA_STAGE_SERVING},
  {"TASK_STATUS_FAILED", NOVITA_STAGE_FAILED},
  {NULL, NOVITA_STAGE_UNKNOWN}
};


bool novita_task_status_is_final (enum novita_stage stage) {
  return stage >= NOVITA_STAGE_SERVING;
}


static enum novita_stage look_up (const struct word *words, const char *text) {
  for (; words->text != NULL; words++)
    if (strcmp(words->text, text) == 0) break;
  return words->stage;
}


/* {====== parts of a response ====== */

/* the members that are read: every list begins with the envelope's */
enum { CODE, DATA, ENVELOPE };
enum { TASK_STATUS = ENVELOPE, MODELS, EXTRA, TRAINING_PARTS };
enum { TASK = ENVELOPE, RESULT_PARTS };

static const char *const training_parts[] = {
  "code", "data", "task_status", "models", "extra"
};

static const char *const result_parts[] = {"code", "data", "task"};


/* 0 = success, or no envelope {code, msg, data} */
static int envelope_code (struct novita_json code) {
  double number;
  if (code.at == NULL || !novita_json_number(code, &number)) return 0;
  return number >= -1000 && number <= 100000 ? (int)number : -1;
}


/* false if the body is not JSON, or an envelope with an error code */
static bool open_response (const char *body, size_t len,
                           const char *const *names, struct novita_json *part,
                           size_t count) {
  struct novita_json root;
  if (len == 0 || !novita_json_check(body, len, &root)) return false;
  novita_json_members(root, names, part, count);
  if (envelope_code(part[CODE]) != 0) return false;
  if (part[DATA].at != NULL)
    novita_json_members(part[DATA], names, part, count);
  return true;
}


static void clear (struct novita_task_status *out) {
  out->stage = NOVITA_STAGE_UNKNOWN;
  out->percent = out->eta = -1;
  out->word[0] = '\0';
  out->model.at = NULL;
}


/* A word that is too long is unknown. */
static bool read_word (struct novita_json word,
                       struct novita_task_status *out) {
  if (word.at == NULL) return false;
  if (!novita_json_text(word, out->word, sizeof out->word))
    strcpy(out->word, "?");
  return true;
}


/* -1 if the number is missing or out of range */
static double number_up_to (struct novita_json v, double most) {
  double number;
  if (v.at == NULL || !novita_json_number(v, &number)) return -1;
  return number >= 0 && number <= most ? number : -1;
}

/* }====== */


static bool is_serving (struct novita_json status) {
  char text[16];
  return status.at != NULL && novita_json_text(status, text, sizeof text) &&
         strcmp(text, "SERVING") == 0;
}


static bool is_name (struct novita_json v) {
  return v.at != NULL && v.at[0] == '"' && v.at[1] != '"';
}


/* Whether any model serves. 'name' is the first name of a serving model. */
static bool find_serving (struct novita_json models,
                          struct novita_json *name) {
  static const char *const names[] = {"model_status", "model_name"};
  struct novita_json_walk w;
  bool found = false;
  if (models.at == NULL) return false;
  for (novita_json_begin(models, &w); novita_json_step(&w); ) {
    struct novita_json part[2];
    novita_json_members(w.value, names, part, 2);
    if (!is_serving(part[0])) continue;
    found = true;
    if (name->at == NULL && is_name(part[1])) *name = part[1];
  }
  return found;
}


static void read_progress (struct novita_json v, const char *const *names,
                           struct novita_task_status *out) {
  struct novita_json part[2];
  novita_json_members(v, names, part, 2);
  out->percent = number_up_to(part[0], 100);
  out->eta = number_up_to(part[1], LONGEST_ETA);
}


bool novita_task_status_parse_training (
    const char *body, size_t len, struct novita_task_status *out) {
  static const char *const names[] = {"progress_percent", "eta_relative"};
  struct novita_json part[TRAINING_PARTS];
  clear(out);
  if (!open_response(body, len, training_parts, part, TRAINING_PARTS) ||
      !read_word(part[TASK_STATUS], out))
    return false;
  out->stage = look_up(training_words, out->word);
  if (out->stage == NOVITA_STAGE_DEPLOYING &&
      find_serving(part[MODELS], &out->model))
    out->stage = NOVITA_STAGE_SERVING;
  if (part[EXTRA].at != NULL) read_progress(part[EXTRA], names, out);
  return true;
}


bool novita_task_status_parse_result (
    const char *body, size_t len, struct novita_task_status *out) {
  static const char *const names[] = {"progress_percent", "eta"};
  struct novita_json part[RESULT_PARTS], status;
  clear(out);
  if (!open_response(body, len, result_parts, part, RESULT_PARTS) ||
      part[TASK].at == NULL ||
      !novita_json_member(part[TASK], "status", &status) ||
      !read_word(status, out))
    return false;
  out->stage = look_up(result_words, out->word);
  read_progress(part[TASK], names, out);
  return true;
}


bool novita_task_status_is_api_error (const char *body, size_t len) {
  struct novita_json root, member;
  if (len == 0 || !novita_json_check(body, len, &root)) return false;
  return novita_json_member(root, "reason", &member) ||
         novita_json_member(root, "code", &member);
}


int novita_task_status_legacy_code (const char *body, size_t len) {
  struct novita_json root, code;
  if (len == 0 || !novita_json_check(body, len, &root)) return 0;
  novita_json_member(root, "code", &code);
  return envelope_code(code);
}
