/*
** matrix.h: a fast path for profiles that consist of primaries and curves
** (those of every phone and camera). Three tables give what each sample adds to
** linear sRGB, and a fourth encodes the sum. It takes a few ns per pixel; lcms2
** takes 17.
*/
#ifndef novita_image_colour_matrix_h
#define novita_image_colour_matrix_h

#include <stdbool.h>
#include <stdint.h>

#include <lcms2.h>

#include "../../base/func.h"

#define NOVITA_LINEAR_BITS 14  /* of linear light: 1/10 of a code */

struct novita_colour_matrix {
  int32_t adds[3][256][4];  /* from a channel's sample to linear R, G and B */
  uint8_t encoded[(1 << NOVITA_LINEAR_BITS) + 1];
};

/* for samples of 16 bits: tables of the products would not fit the cache */
struct novita_colour_matrix_wide {
  float linear[3][65536];   /* a channel's light, from 0 to 1 */
  float weights[3][3];      /* [to][from] */
  uint8_t encoded[(1 << NOVITA_LINEAR_BITS) + 1];
};

/* false if the profile is of another kind, or its numbers are out of range */
NOVITA_FUNC bool novita_colour_matrix_make (struct novita_colour_matrix *m,
                                            cmsHPROFILE profile);

/* RGB to RGB, in place or not */
NOVITA_FUNC void novita_colour_matrix_row (const struct novita_colour_matrix *m,
                                           uint8_t *out, const uint8_t *row,
                                           int n);

NOVITA_FUNC bool novita_colour_matrix_make_wide (
  struct novita_colour_matrix_wide *m, cmsHPROFILE profile);
NOVITA_FUNC void novita_colour_matrix_row_wide (
  const struct novita_colour_matrix_wide *m, uint8_t *out, const uint16_t *row,
  int n);

#endif
