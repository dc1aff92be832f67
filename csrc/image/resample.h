/*
** resample.h: changes the size of a picture that comes row by row.
**
** Rows go in top to bottom; as soon as enough are there, rows come out:
**
**   for each source row: slot = novita_resampler_slot(r)
**                        write the row there
**                        novita_resampler_feed(r)
**                        while (novita_resampler_take(r, out)) use out
**
** Only the rows that one target row needs are kept (a ring). Vertical pass
** first, 16 bits between the passes, one clamp at the end. Channels are
** independent: who has alpha multiplies it in before and divides it out after
** (alpha.h).
*/
#ifndef novita_image_resample_h
#define novita_image_resample_h

#include <stdint.h>

#include "../base/error.h"
#include "coefs.h"
#include "kernels.h"

struct novita_box { double x, y, width, height; };  /* in source pixels */

struct novita_resample {
  int source_width, source_height, channels;
  struct novita_box box;  /* inside the source; the neighbours outside the
                          ** box still count where the filter reaches them */
  int width, height;      /* of the target */
  enum novita_filter filter;
};

struct novita_resampler {
  const struct novita_kernels *kernels;
  struct novita_coefs across, down;
  int channels;
  size_t stride;         /* bytes of a source row */
  int left, columns;     /* source columns that are needed */
  int rows;              /* rows that the ring holds */
  int fed, taken;        /* source rows gone in, target rows gone out */
  uint8_t *ring;
  int16_t *mid;          /* one row between the passes */
  const uint8_t **row;   /* the ring's rows in order, for the kernel */
};

NOVITA_FUNC int novita_resampler_open (struct novita_resampler *r,
                                       const struct novita_resample *job,
                                       struct novita_error *e);
NOVITA_FUNC void novita_resampler_close (struct novita_resampler *r);

/* where the next source row goes */
NOVITA_FUNC uint8_t *novita_resampler_slot (struct novita_resampler *r);
NOVITA_FUNC void novita_resampler_feed (struct novita_resampler *r);
/* 1 and a target row, or 0 when source rows are missing or all is done */
NOVITA_FUNC int novita_resampler_take (struct novita_resampler *r,
                                       uint8_t *out);
/* all target rows are out: what is left of the source changes nothing */
NOVITA_FUNC int novita_resampler_done (const struct novita_resampler *r);

#endif
