/*
** fuzz_json.c: whatever 'novita_json_check' accepts can be walked to its last
** leaf.
*/
#include "../../csrc/base/json.h"
#include "fuzz.h"


static void read_scalar (struct novita_json v) {
  char text[16];
  double number;
  if (novita_json_text(v, text, sizeof text) && strlen(text) >= sizeof text)
    abort();
  if (novita_json_number(v, &number) && *v.at != '"' && *v.at != '-' &&
      (*v.at < '0' || *v.at > '9'))
    abort();
}


static void walk (struct novita_json v, int depth) {
  struct novita_json_walk w;
  struct novita_json member;
  if (depth > NOVITA_JSON_DEPTH) abort();
  read_scalar(v);
  novita_json_member(v, "data", &member);
  for (novita_json_begin(v, &w); novita_json_step(&w); ) {
    if (w.object) read_scalar(w.name);
    walk(w.value, depth + 1);
  }
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char *text = fuzz_text(data, size);
  struct novita_json root;
  if (novita_json_check(text, size, &root)) walk(root, 0);
  free(text);
  return 0;
}
