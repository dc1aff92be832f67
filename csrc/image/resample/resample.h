/*
** resample.h: changes the size of a picture that comes row by row.
**
** Rows go in top to bottom; as soon as enough are there, rows come out:
**
**   for each source row: slot = novita_resample_slot(r)
**                        write the row there
**                        novita_resample_feed(r)
**                        while (novita_resample_take(r, out)) use out
**
** Who has rows in memory saves the copy:
**
**   for (y = 0; y < height; ) {
**     y += novita_resample_give(r, row(y), stride, height - y)
**     while (novita_resample_take(r, out)) use out
**   }
**
** Everything that can be taken must be taken before more is fed. Only the rows
** that one pair of target rows needs are kept (a ring), and target rows come
** in bursts of up to NOVITA_ROW_BLOCK. Vertical pass first, 16 bits between the
** passes, one clamp at the end.
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
  struct novita_box box;  /* inside the source; the neighbours outside the
                          ** box still count where the filter reaches them */
  int width, height;      /* of the target */
  enum novita_filter filter;
};

/* what else may be wished; all zero is the plain thing */
struct novita_resample_options {
  bool alpha;   /* the last channel of 2 or 4 is straight alpha: colours are
                ** weighted by it, and come out straight again */
  bool linear;  /* colours are sRGB, and light is added up, not codes */
  const struct novita_kernels *kernels;  /* NULL: the process's own */
  struct novita_weights_cache *cache;    /* NULL: none */
};

struct novita_resampler {
  const struct novita_kernels *kernels;
  struct novita_weights *weights;
  struct novita_weights_cache *cache;
  const struct novita_linear *linear;  /* tables; NULL where codes are added up */
  int source_height, height;
  int channels, alpha;   /* alpha: 'channels' where the last one is, else 0 */
  size_t stride;         /* bytes of a source row */
  int left, columns;     /* source columns that are needed */
  int first;             /* group of source rows that is needed */
  int fed, taken;        /* source rows gone in, target rows gone out */
  int done;              /* pairs that went through the vertical pass */
  int made;              /* target rows that went through the horizontal */
  size_t padded;         /* samples of a row in the ring */
  uint8_t *memory;       /* all of the following */
  uint8_t *stage;        /* rows of a group that is not complete */
  uint8_t *ring;         /* groups */
  int16_t *mid;          /* rows between the passes: band.in */
  const void **group;    /* those of one pair, in order */
  const uint8_t *row[NOVITA_GROUP];  /* of the group under way */
  struct novita_row_block row_block;
};

NOVITA_FUNC int novita_resample_open (
  struct novita_resampler *r, const struct novita_resample_job *job,
  const struct novita_resample_options *options, struct novita_error *e);
NOVITA_FUNC void novita_resample_close (struct novita_resampler *r);

/* where the next source row goes; only the columns from 'left' on, 'columns'
** of them, are read */
NOVITA_FUNC uint8_t *novita_resample_slot (struct novita_resampler *r);
NOVITA_FUNC void novita_resample_feed (struct novita_resampler *r);

/* Takes at least one of the 'n' next source rows, which lie 'stride' bytes
** apart, and says how many. They are not needed after the call. */
NOVITA_FUNC int novita_resample_give (struct novita_resampler *r,
                                      const uint8_t *rows, ptrdiff_t stride,
                                      int n);

/* 1 and a target row, or 0 when source rows are missing or all is done */
NOVITA_FUNC bool novita_resample_take (struct novita_resampler *r,
                                       uint8_t *out);
/* all target rows are out: what is left of the source changes nothing */
NOVITA_FUNC bool novita_resample_done (const struct novita_resampler *r);
/* source rows before this one change nothing: feed them without filling */
NOVITA_FUNC int novita_resample_first (const struct novita_resampler *r);

#endif
