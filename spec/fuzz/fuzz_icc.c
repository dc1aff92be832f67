/*
** fuzz_icc.c: an ICC profile, used for a gray, an RGB and a CMYK image;
** converts rows in place. Whatever the profile says, only out-of-memory may
** fail.
*/
#include "image.h"
#include "../../csrc/image/colour/colour.h"

#define PIXELS 300


static void convert (const struct novita_colour *c, int channels) {
  uint8_t row[PIXELS * 4];
  int i;
  for (i = 0; i < PIXELS * 4; i++) row[i] = (uint8_t)(i * 7);
  novita_colour_row(c, row, row, PIXELS);
  if (channels == 1) novita_colour_alpha_row(c, row, PIXELS);
  if (channels == 3) novita_colour_alpha_row(c, row, PIXELS);
}


static void convert_wide (const struct novita_colour *c, int channels) {
  uint16_t row[PIXELS * 4];
  uint8_t out[PIXELS * 4];
  int i;
  for (i = 0; i < PIXELS * 4; i++) row[i] = (uint16_t)(i * 1777);
  novita_colour_wide_row(c, out, row, PIXELS, channels);
  novita_colour_wide_row(c, out, row, PIXELS, channels + 1);
}


static void try_channels (const struct novita_profile *p, int channels,
                          bool wide) {
  struct novita_colour c;
  struct novita_error e;
  memset(&e, 0, sizeof e);
  if (novita_colour_open(&c, p, channels, wide, &e) != 0) {
    assert(e.kind == NOVITA_ERROR_MEMORY);
    return;
  }
  assert(c.state != NOVITA_COLOUR_NONE);
  if (novita_colour_converts(&c) && wide) convert_wide(&c, channels);
  else if (novita_colour_converts(&c)) convert(&c, channels);
  novita_colour_close(&c);
  novita_colour_close(&c);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_profile p;
  memset(&p, 0, sizeof p);
  p.kind = NOVITA_PROFILE_ICC;
  p.icc = malloc(size + 1);
  assert(p.icc != NULL);
  memcpy(p.icc, data, size);
  p.len = size;
  try_channels(&p, 1, false);
  try_channels(&p, 3, false);
  try_channels(&p, 4, false);
  try_channels(&p, 1, true);
  try_channels(&p, 3, true);
  novita_profile_free(&p);
  return 0;
}
