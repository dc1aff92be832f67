/*
** filter.h: the PNG filter that suits a row of a photograph best: of Sub,
** Up, Average and Paeth the one whose differences are smallest in sum. All four
** are computed at once; every neighbour is known beforehand, so nothing waits
** for anything and the loops become vector code without any help.
*/
#ifndef novita_image_png_filter_h
#define novita_image_png_filter_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"

struct novita_png_filter {
  size_t n;           /* bytes a row */
  int step;           /* bytes a pixel */
  uint8_t *memory;
  uint8_t *row, *above;       /* with zeros on their left */
  uint8_t *tried[4];          /* the row filtered, the type in front */
};

NOVITA_FUNC int novita_png_filter_open (struct novita_png_filter *f, size_t n,
                                        int step, struct novita_error *e);
NOVITA_FUNC void novita_png_filter_close (struct novita_png_filter *f);

/* the next row: f->n + 1 bytes that are good until the next call */
NOVITA_FUNC const uint8_t *novita_png_filter_row (struct novita_png_filter *f,
                                                  const uint8_t *row);

#endif
