/*
** fuzz_heif.c: HEIC and AVIF, strict and lenient, all rows. Without libheif
** only its absence is reported.
*/
#include "image.h"


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  fuzz_decode(data, size, NOVITA_FORMAT_HEIC, 0);
  fuzz_decode(data, size, NOVITA_FORMAT_AVIF, 0);
  fuzz_decode(data, size, NOVITA_FORMAT_HEIC, 1);
  return 0;
}
