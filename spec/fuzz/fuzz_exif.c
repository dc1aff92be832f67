/*
** fuzz_exif.c: reads the orientation of an EXIF block.
*/
#include "image.h"
#include "../../csrc/image/codec/exif.h"


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  int orientation = novita_exif_orientation(data, size);
  assert(orientation >= 1 && orientation <= 8);
  return 0;
}
