/*
** resample.h: resizes an image that arrives row by row.
**
** Rows go in top to bottom; as soon as enough are there, rows come out:
**
**   for each source row: slot = novita_resample_slot(r)
**                        write the row there
**                        novita_resample_feed(r)
**                        while (novita_resample_take(r, out)) use out
**
** If the rows are already in memory, skip the copy:
**
**   for (y = 0; y < height; ) {
**     y += novita_resample_give(r, row(y), stride, height - y)
**     while (novita_resample_take(r, out)) use out
**   }
**
** Take all available rows before you feed more. Only the source rows that one
** pair of target rows needs are kept (a ring), and target rows come in bursts
** of up to NOVITA_ROW_BLOCK. The vertical pass comes first; samples have 16
** bits between the passes and are clamped once, at the end.
*/
#ifndef novita_image_resample_resample_h
#define novita_image_resample_resample_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"
#include "filter.h"
#include "kernels.h"
#include "vertical_weights.h"
#include "weights_cache.h"

struct novita_box { double x, y, width, height; };  /* in source pixels */

struct novita_resample_job {
  int source_width, source_height, channels;
  struct novita_box box;  /* inside the source; pixels outside the box still
                          ** count where the filter reaches them */
  int width, height;      /* of the target */
  enum novita_filter filter;
};

/* options; zeroed is the default */
struct novita_resample_options {
  bool alpha;   /* the last channel of 2 or 4 is straight alpha: colours are
                ** weighted by it during resampling, and are straight again in
                ** the result */
  bool linear;  /* colours are sRGB; sums are in linear light */
  const struct novita_kernels *kernels;  /* NULL: the process's own */
  struct novita_weights_cache *cache;    /* NULL: no cache */
};

struct novita_resampler {
  const struct novita_kernels *kernels;
  struct novita_weights *weights;
  struct novita_weights_cache *cache;
  const struct novita_linear *linear;  /* NULL unless linear */
  int source_height, height;
  int channels, alpha;  /* alpha: 'channels' if the last one is alpha, else 0 */
  size_t stride;         /* bytes of a source row */
  int left, columns;     /* source columns that are used */
  int first;             /* first group of source rows that is used */
  int fed, taken;        /* source rows fed, target rows taken */
  int done;              /* row pairs that completed the vertical pass */
  int made;              /* target rows that completed the horizontal pass */
  size_t padded;         /* samples per row in the ring */
  uint8_t *memory;       /* holds all of the following */
  uint8_t *stage;        /* rows of an incomplete group */
  uint8_t *ring;         /* groups */
  int16_t *mid;          /* rows between the passes: row_block.in */
  const void **group;    /* the groups of one row pair, in order */
  const uint8_t *row[NOVITA_GROUP];  /* of the current group */
  struct novita_row_block row_block;
};

NOVITA_FUNC int novita_resample_open (
  struct novita_resampler *r, const struct novita_resample_job *job,
  const struct novita_resample_options *options, struct novita_error *e);
NOVITA_FUNC void novita_resample_close (struct novita_resampler *r);

/* The memory for the next source row. Only 'columns' columns, from 'left' on,
** are read. */
NOVITA_FUNC uint8_t *novita_resample_slot (struct novita_resampler *r);
NOVITA_FUNC void novita_resample_feed (struct novita_resampler *r);

/* Takes at least one of the next 'n' source rows, which are 'stride' bytes
** apart, and returns how many. They are not needed after the call. */
NOVITA_FUNC int novita_resample_give (struct novita_resampler *r,
                                      const uint8_t *rows, ptrdiff_t stride,
                                      int n);

/* Writes a target row; false if source rows are missing or all rows are taken.
*/
NOVITA_FUNC bool novita_resample_take (struct novita_resampler *r,
                                       uint8_t *out);
/* All target rows are taken: the rest of the source does not matter. */
NOVITA_FUNC bool novita_resample_done (const struct novita_resampler *r);

#endif
