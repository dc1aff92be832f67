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

/* false if the profile is of another kind, or its numbers are out of range */
NOVITA_FUNC bool novita_colour_matrix_make (struct novita_colour_matrix *m,
                                            cmsHPROFILE profile);

/* RGB to RGB, in place or not */
NOVITA_FUNC void novita_colour_matrix_row (const struct novita_colour_matrix *m,
                                           uint8_t *out, const uint8_t *row,
                                           int n);

#endif
