/*
** measure.h: measures an image without a model: its sharpness, its exposure,
** and a hash that near-duplicates share. Rows come top to bottom, as displayed.
** Each row is read once.
**
** All measures are of luma, at one scale: an image whose longer side has more
** than NOVITA_MEASURE_SIDE pixels is first reduced to that, so that images of
** different sizes can be compared.
*/
#ifndef novita_image_prepare_measure_h
#define novita_image_prepare_measure_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/error.h"
#include "../resample/resample.h"
#include "measure_sums.h"

struct novita_measures {
  double sharpness;   /* variance of the Laplacian (4 neighbours) of luma */
  double brightness;  /* mean luma, 0 to 1 */
  double dark;        /* share of pixels with luma <= 8 */
  double bright;      /* share of pixels with luma >= 247 */
  uint64_t dhash;     /* from bit 63: is each of 9 x 8 cells darker than the one
                      ** to its right? */
};

struct novita_measure {
  int width, height;           /* of the rows passed in */
  int columns, rows;           /* at the measured scale */
  bool reduces;                /* the two differ */
  struct novita_weights_cache *cache;
  struct novita_resampler small, cells;
  uint8_t *memory;             /* one block for the rows below */
  uint8_t *luma;
  uint8_t *line[3];            /* the last three, oldest first */
  int seen;                    /* rows measured so far */
  const struct novita_measure_sums_kernels *kernels;
  struct novita_measure_sums sums;
  uint64_t dhash;
};

/* 'cache' may be NULL */
NOVITA_FUNC int novita_measure_open (struct novita_measure *m, int width,
                                     int height,
                                     struct novita_weights_cache *cache,
                                     struct novita_error *e);
NOVITA_FUNC void novita_measure_close (struct novita_measure *m);

/* the next row: 1 channel of Rec. 601 luma (gray, or a JPEG's Y'), or 3 of RGB
*/
NOVITA_FUNC void novita_measure_row (struct novita_measure *m,
                                     const uint8_t *row, int channels);

/* call after the last row */
NOVITA_FUNC void novita_measure_finish (const struct novita_measure *m,
                                        struct novita_measures *out);

#endif
