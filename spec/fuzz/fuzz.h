/*
** fuzz.h: the entry that libFuzzer calls. A target is a file fuzz_*.c of this
** folder; 'make fuzz SECONDS=60' builds and runs them all.
*/
#ifndef novita_spec_fuzz_h
#define novita_spec_fuzz_h

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* a copy that ends exactly where a buffer's text ends: with its NUL */
static inline char *fuzz_text (const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  if (text == NULL) abort();
  if (size > 0) memcpy(text, data, size);
  text[size] = '\0';
  return text;
}

#endif
