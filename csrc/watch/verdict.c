/*
** verdict.c: see verdict.h. Unknown words mean "still running": a service
** that invents a state must not end anybody's wait.
*/
#include <string.h>

#include "../base/json.h"
#include "verdict.h"

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


bool novita_stage_final (enum novita_stage stage) {
  return stage >= NOVITA_STAGE_SERVING;
}


static enum novita_stage look_up (const struct word *words, const char *text) {
  for (; words->text != NULL; words++)
    if (strcmp(words->text, text) == 0) break;
  return words->stage;
}


/* -1 where it is not told, or told as nonsense */
static double number_up_to (struct novita_json v, const char *name,
                            double most) {
  struct novita_json member;
  double number;
  if (!novita_json_member(v, name, &member) ||
      !novita_json_number(member, &number))
    return -1;
  return number >= 0 && number <= most ? number : -1;
}


/* 0 = success, or no envelope {code, msg, data} */
static int envelope_code (struct novita_json root) {
  struct novita_json member;
  double code;
  if (!novita_json_member(root, "code", &member) ||
      !novita_json_number(member, &code))
    return 0;
  return code >= -1000 && code <= 100000 ? (int)code : -1;
}


/* false for what is not JSON, and for an envelope that tells of a refusal */
static bool open_envelope (const char *body, size_t len,
                           struct novita_json *root) {
  struct novita_json data;
  if (len == 0 || !novita_json_check(body, len, root)) return false;
  if (envelope_code(*root) != 0) return false;
  if (novita_json_member(*root, "data", &data)) *root = data;
  return true;
}


static bool open_answer (const char *body, size_t len,
                         struct novita_json *root,
                         struct novita_verdict *out) {
  out->stage = NOVITA_STAGE_UNKNOWN;
  out->percent = out->eta = -1;
  out->word[0] = '\0';
  return open_envelope(body, len, root);
}


static bool serves (struct novita_json model) {
  struct novita_json status;
  char text[16];
  return novita_json_member(model, "model_status", &status) &&
         novita_json_text(status, text, sizeof text) &&
         strcmp(text, "SERVING") == 0;
}


static bool any_serves (struct novita_json root) {
  struct novita_json models;
  struct novita_json_walk w;
  if (!novita_json_member(root, "models", &models)) return false;
  for (novita_json_begin(models, &w); novita_json_step(&w); )
    if (serves(w.value)) return true;
  return false;
}


void novita_answer_model (const char *body, size_t len, char *out,
                          size_t size) {
  struct novita_json root, models, name;
  struct novita_json_walk w;
  out[0] = '\0';
  if (!open_envelope(body, len, &root) ||
      !novita_json_member(root, "models", &models))
    return;
  for (novita_json_begin(models, &w); novita_json_step(&w); )
    if (serves(w.value) && novita_json_member(w.value, "model_name", &name) &&
        *name.at == '"' && novita_json_text(name, out, size) &&
        out[0] != '\0')
      return;
  out[0] = '\0';
}


/* A word too long for us is one we do not know. */
static bool read_word (struct novita_json v, const char *name,
                       struct novita_verdict *out) {
  struct novita_json status;
  if (!novita_json_member(v, name, &status)) return false;
  if (novita_json_text(status, out->word, sizeof out->word)) return true;
  strcpy(out->word, "?");
  return true;
}


bool novita_judge_training (const char *body, size_t len,
                            struct novita_verdict *out) {
  struct novita_json root, extra;
  if (!open_answer(body, len, &root, out)) return false;
  if (!read_word(root, "task_status", out)) return false;
  out->stage = look_up(training_words, out->word);
  if (out->stage == NOVITA_STAGE_DEPLOYING && any_serves(root))
    out->stage = NOVITA_STAGE_SERVING;
  if (novita_json_member(root, "extra", &extra)) {
    out->percent = number_up_to(extra, "progress_percent", 100);
    out->eta = number_up_to(extra, "eta_relative", LONGEST_ETA);
  }
  return true;
}


bool novita_judge_result (const char *body, size_t len,
                          struct novita_verdict *out) {
  struct novita_json root, task;
  if (!open_answer(body, len, &root, out)) return false;
  if (!novita_json_member(root, "task", &task)) return false;
  if (!read_word(task, "status", out)) return false;
  out->stage = look_up(result_words, out->word);
  out->percent = number_up_to(task, "progress_percent", 100);
  out->eta = number_up_to(task, "eta", LONGEST_ETA);
  return true;
}


bool novita_answer_is_api (const char *body, size_t len) {
  struct novita_json root, member;
  if (len == 0 || !novita_json_check(body, len, &root)) return false;
  return novita_json_member(root, "reason", &member) ||
         novita_json_member(root, "code", &member);
}


int novita_answer_legacy_code (const char *body, size_t len) {
  struct novita_json root;
  if (len == 0 || !novita_json_check(body, len, &root)) return 0;
  return envelope_code(root);
}
