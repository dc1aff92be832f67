/*
** linear.h: resampling in linear light: converts samples from sRGB before the
** kernels, and back after them. Samples are words with NOVITA_ONE as white
** (kernels.h). Plain C on every processor: before the kernels, table lookups
** are the bottleneck, and after them little work is left.
*/
#ifndef novita_image_resample_linear_h
#define novita_image_resample_linear_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"
#include "kernels.h"

struct novita_linear {
  /* linear light of an sRGB code, and an alpha, as a word at each row's
  ** position */
  uint64_t linear[NOVITA_GROUP][256], alpha[NOVITA_GROUP][256];
  uint8_t code[NOVITA_ONE + 1];  /* sRGB code for linear light */
};

/* the tables, made once per process */
NOVITA_FUNC const struct novita_linear *novita_linear (void);

/* Interleaves four rows as words. 'alpha' is the number of channels if the last
** one is alpha, else 0. Colours are not multiplied by it yet. */
NOVITA_FUNC void novita_linear_gather (const struct novita_linear *t,
                                       int16_t *group,
                                       const uint8_t *const row[NOVITA_GROUP],
                                       size_t n, int alpha);

/* converts a row of words to sRGB codes; 'alpha' as above, and alpha itself is
** only rounded */
NOVITA_FUNC void novita_linear_narrow (const struct novita_linear *t,
                                       uint8_t *out, const int16_t *in,
                                       size_t n, int alpha);

/* a row with alpha (2 or 4 channels) as RGB, composited on a background in
** linear light */
NOVITA_FUNC void novita_linear_composite (const struct novita_linear *t,
                                          uint8_t *rgb, const uint8_t *row,
                                          int n, int channels,
                                          const uint8_t background[3]);

#endif
