/*
** fuzz_jpeg.c: the JPEG decoder, strict and lenient, all rows.
*/
#include "image.h"


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  fuzz_decode(data, size, NOVITA_FORMAT_JPEG, 0);
  fuzz_decode(data, size, NOVITA_FORMAT_JPEG, 1);
  return 0;
}
