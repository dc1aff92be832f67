/*
** task_status.c: see task_status.h. Unknown words mean "still running": a new
** state of the service must not end a wait.
*/
#include <string.h>

#include "../base/text.h"
#include "task_status.h"

#define LONGEST_ETA 1e9  /* seconds */

enum word_kind { TRAINING_WORD, RESULT_WORD, MODEL_WORD };

/* the number of a word is its index + 1 */
static const struct {
  const char *text;
  enum word_kind kind;
  enum novita_stage stage;
} words[] = {
  {"UNKNOWN", TRAINING_WORD, NOVITA_STAGE_UNKNOWN},
  {"QUEUING", TRAINING_WORD, NOVITA_STAGE_QUEUING},
  {"TRAINING", TRAINING_WORD, NOVITA_STAGE_TRAINING},
  {"SUCCESS", TRAINING_WORD, NOVITA_STAGE_DEPLOYING},  /* see MODEL_WORD */
  {"FAILED", TRAINING_WORD, NOVITA_STAGE_FAILED},
  {"CANCELED", TRAINING_WORD, NOVITA_STAGE_CANCELED},
  {"TASK_STATUS_QUEUED", RESULT_WORD, NOVITA_STAGE_QUEUING},
  {"TASK_STATUS_PROCESSING", RESULT_WORD, NOVITA_STAGE_TRAINING},
  {"TASK_STATUS_SUCCEED", RESULT_WORD, NOVITA_STAGE_SERVING},
  {"TASK_STATUS_FAILED", RESULT_WORD, NOVITA_STAGE_FAILED},
  {"DEPLOYING", MODEL_WORD, NOVITA_STAGE_DEPLOYING},
  {"SERVING", MODEL_WORD, NOVITA_STAGE_SERVING}
};

#define WORDS (sizeof words / sizeof words[0])

/* a watch keeps a number in four bits */
_Static_assert(WORDS < 16, "too many words");


bool novita_task_status_is_final (enum novita_stage stage) {
  return stage >= NOVITA_STAGE_SERVING;
}


const char *novita_task_status_word (uint8_t number) {
  return number > 0 && number <= WORDS ? words[number - 1].text : NULL;
}


bool novita_task_status_is_unknown (const struct novita_status_word *word) {
  return word->number == 0 && word->text[0] != '\0';
}


static enum novita_stage stage_of (const struct novita_status_word *word) {
  return word->number > 0 ? words[word->number - 1].stage
                          : NOVITA_STAGE_UNKNOWN;
}


static uint8_t number_of (enum word_kind kind, const char *text) {
  size_t i;
  for (i = 0; i < WORDS; i++)
    if (words[i].kind == kind && strcmp(words[i].text, text) == 0)
      return (uint8_t)(i + 1);
  return 0;
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
  memset(&out->task, 0, sizeof out->task);
  memset(&out->model, 0, sizeof out->model);
  out->model_name.at = NULL;
}


/* A value that is not text, is empty or is too long becomes the unknown word
** "?". */
static bool read_word (struct novita_json v, enum word_kind kind,
                       struct novita_status_word *out) {
  size_t n;
  if (v.at == NULL) return false;
  if (!novita_json_text(v, out->text, sizeof out->text) ||
      out->text[0] == '\0')
    strcpy(out->text, "?");
  n = novita_text_make_printable(out->text, strlen(out->text), '?');
  out->text[n] = '\0';
  out->number = number_of(kind, out->text);
  return true;
}


/* -1 if the number is missing or out of range */
static double number_up_to (struct novita_json v, double most) {
  double number;
  if (v.at == NULL || !novita_json_number(v, &number)) return -1;
  return number >= 0 && number <= most ? number : -1;
}

/* }====== */


static bool is_name (struct novita_json v) {
  return v.at != NULL && v.at[0] == '"' && v.at[1] != '"';
}


/* Keeps the word of the most advanced model: the words' numbers grow towards
** "SERVING", and an unknown word has no number. The name is that of the first
** serving model with a name. */
static void read_models (struct novita_json models,
                         struct novita_task_status *out) {
  static const char *const names[] = {"model_status", "model_name"};
  struct novita_json_walk w;
  if (models.at == NULL) return;
  for (novita_json_begin(models, &w); novita_json_step(&w); ) {
    struct novita_json part[2];
    struct novita_status_word word = {0, ""};
    novita_json_members(w.value, names, part, 2);
    if (!read_word(part[0], MODEL_WORD, &word)) continue;
    if (out->model.text[0] == '\0' || word.number > out->model.number)
      out->model = word;
    if (stage_of(&word) == NOVITA_STAGE_SERVING && out->model_name.at == NULL &&
        is_name(part[1]))
      out->model_name = part[1];
  }
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
      !read_word(part[TASK_STATUS], TRAINING_WORD, &out->task))
    return false;
  out->stage = stage_of(&out->task);
  read_models(part[MODELS], out);
  if (out->stage == NOVITA_STAGE_DEPLOYING &&
      stage_of(&out->model) == NOVITA_STAGE_SERVING)
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
      !read_word(status, RESULT_WORD, &out->task))
    return false;
  out->stage = stage_of(&out->task);
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
