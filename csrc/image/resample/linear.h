/*
** linear.h: what the resampler does to samples before and behind the kernels
** where they are more than codes: sRGB to linear light and back.
** Samples are words of NOVITA_ONE here (kernels.h). Plain C for every
** processor: before, the bound is looking up bytes in a table, and behind
** there is little left.
*/
#ifndef novita_image_resample_linear_h
#define novita_image_resample_linear_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"
#include "kernels.h"

struct novita_linear {
  /* an sRGB code's light and an alpha, as words in each row's place */
  uint64_t linear[NOVITA_GROUP][256], alpha[NOVITA_GROUP][256];
  uint8_t code[NOVITA_ONE + 1];  /* sRGB code of linear light */
};

/* tables, made once for the process */
NOVITA_FUNC const struct novita_linear *novita_linear (void);

/* Four rows as words, interleaved; 'alpha' is the number of channels of which
** the last is alpha, or 0. Colours are not multiplied by it yet. */
NOVITA_FUNC void novita_linear_gather (const struct novita_linear *t,
                                       int16_t *group,
                                       const uint8_t *const row[NOVITA_GROUP],
                                       size_t n, int alpha);

/* a row of words to sRGB codes; 'alpha' as above, which is only rounded */
NOVITA_FUNC void novita_linear_narrow (const struct novita_linear *t,
                                       uint8_t *out, const int16_t *in,
                                       size_t n, int alpha);

/* a row with alpha (2 or 4 channels) as RGB, laid on a background in light */
NOVITA_FUNC void novita_linear_composite (const struct novita_linear *t,
                                          uint8_t *rgb, const uint8_t *row,
                                          int n, int channels,
                                          const uint8_t background[3]);

#endif
