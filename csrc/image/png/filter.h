/*
** filter.h: chooses the PNG filter that suits a row of a photograph best: of
** Sub, Up, Average and Paeth, the one with the smallest sum of absolute
** differences. All four are computed at once. Every neighbour is known in
** advance, so there are no dependencies: the compiler vectorizes the loops, and
** filter_avx2.c has the same for AVX2.
*/
#ifndef novita_image_png_filter_h
#define novita_image_png_filter_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/cpu.h"
#include "../../base/error.h"

struct novita_png_filter {
  size_t n;           /* bytes per row */
  int step;           /* bytes per pixel */
  uint8_t *memory;
  uint8_t *row, *above;       /* with zeros on their left */
  void (*try) (const struct novita_png_filter *f, unsigned sum[4]);
  uint8_t *tried[4];  /* the filtered rows, each after its type byte */
};

NOVITA_FUNC int novita_png_filter_open (struct novita_png_filter *f, size_t n,
                                        int step, struct novita_error *e);
NOVITA_FUNC void novita_png_filter_close (struct novita_png_filter *f);

/* Filters the row f->row with all four, and adds up their differences: bytes
** from 'n' to the next multiple of 64 are zeros, and count too. */
typedef void novita_png_filter_try (const struct novita_png_filter *f,
                                    unsigned sum[4]);

#if defined(NOVITA_HAVE_X86)
NOVITA_FUNC novita_png_filter_try novita_png_filter_avx2;
#endif

/* Filters the next row: returns f->n + 1 bytes, valid until the next call. */
NOVITA_FUNC const uint8_t *novita_png_filter_row (struct novita_png_filter *f,
                                                  const uint8_t *row);

#endif
