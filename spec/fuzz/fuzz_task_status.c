/*
** fuzz_task_status.c: parses any status response; each parsed value is in its
** range.
*/
#include "../../csrc/watch/task_status.h"
#include "fuzz.h"


static void read_model (struct novita_json model, const char *end) {
  size_t n = (size_t)(model.end - model.at);
  char *name = malloc(n);
  if (model.end != end || name == NULL) abort();
  if (novita_json_text(model, name, n) && strlen(name) >= n) abort();
  free(name);
}


static void check (novita_task_status_parser *parse, const char *text,
                   size_t size) {
  struct novita_task_status v;
  if (!parse(text, size, &v)) return;
  if (v.stage > NOVITA_STAGE_CANCELED) abort();
  if (!(v.percent >= -1 && v.percent <= 100)) abort();
  if (!(v.eta >= -1 && v.eta <= 1e9)) abort();
  if (memchr(v.task.text, '\0', sizeof v.task.text) == NULL) abort();
  if (memchr(v.model.text, '\0', sizeof v.model.text) == NULL) abort();
  if (v.model_name.at != NULL) read_model(v.model_name, text + size);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char *text = fuzz_text(data, size);
  check(novita_task_status_parse_training, text, size);
  check(novita_task_status_parse_result, text, size);
  novita_task_status_is_api_error(text, size);
  novita_task_status_legacy_code(text, size);
  free(text);
  return 0;
}
