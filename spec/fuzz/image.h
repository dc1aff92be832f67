/*
** image.h: shared by the fuzz targets of images. A target is a file with one
** LLVMFuzzerTestOneInput. It checks what the headers promise; AddressSanitizer,
** UndefinedBehaviorSanitizer and LeakSanitizer check the rest. Limits are
** small, so that a slow input is a bug.
*/
#ifndef novita_spec_fuzz_image_h
#define novita_spec_fuzz_image_h

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/image/formats/formats.h"
#include "../../csrc/image/prepare/prepare.h"
#include "fuzz.h"

static inline void fuzz_limits (struct novita_limits *limits) {
  novita_limits_defaults(limits);
  limits->pixels = 1 << 18;
  limits->output_pixels = 1 << 16;
  limits->memory = (size_t)32 << 20;
  limits->scans = 20;
  limits->seconds = 1;
}

/* an error has a code and one readable line of text */
static inline void fuzz_check_error (const struct novita_error *e) {
  assert(e->kind != NOVITA_ERROR_NONE && e->code != NULL);
  assert(e->text[0] != '\0' && strpbrk(e->text, "\r\n") == NULL);
}

/* decodes every row of the image, as the given format, strict or lenient */
static inline void fuzz_decode (const uint8_t *data, size_t size,
                                enum novita_format format, int lenient) {
  struct novita_limits limits;
  struct novita_source source = {NULL, data, size};
  struct novita_source_reader file;
  struct novita_decoder d;
  struct novita_error e;
  uint8_t *row;
  int r = 0;
  fuzz_limits(&limits);
  memset(&e, 0, sizeof e);
  assert(novita_source_open(&file, &source, size, &e) == 0);
  if (novita_formats_open_decoder(&d, &file, &limits, lenient, &e) != 0) {
    fuzz_check_error(&e);
    return;
  }
  if (d.info.format == format) {
    row = malloc((size_t)d.info.width * (size_t)d.info.channels);
    assert(row != NULL);
    while (r == 0 && d.next < d.info.height) r = novita_decoder_row(&d, row,
                                                                    &e);
    if (r == 0) r = novita_decoder_finish(&d, &e);
    if (r != 0) fuzz_check_error(&e);
    free(row);
  }
  novita_decoder_close(&d);
}

#endif
