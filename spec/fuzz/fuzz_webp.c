/*
** fuzz_webp.c: the WebP decoder, strict and lenient, all rows.
*/
#include "image.h"


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  fuzz_decode(data, size, NOVITA_FORMAT_WEBP, 0);
  fuzz_decode(data, size, NOVITA_FORMAT_WEBP, 1);
  return 0;
}
