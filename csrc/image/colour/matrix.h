/*
** matrix.h: profiles that are primaries and curves (those of every
** phone and camera) need no machinery: three tables give what each sample adds
** to linear sRGB, one more encodes the sum. A few ns a pixel, where lcms2's own
** way takes 17.
*/
#ifndef novita_image_colour_matrix_h
#define novita_image_colour_matrix_h

#include <stdbool.h>
#include <stdint.h>

#include <lcms2.h>

#include "../../base/func.h"

#define NOVITA_LINEAR_BITS 14  /* of linear light: 1/10 of a grey value */

struct novita_colour_matrix {
  int32_t adds[3][256][4];     /* of a channel's sample to linear R, G and B */
  uint8_t encoded[(1 << NOVITA_LINEAR_BITS) + 1];
};

/* 0 where the profile is not of this kind, or its numbers are out of range */
NOVITA_FUNC bool novita_colour_matrix_make (struct novita_colour_matrix *m,
                                            cmsHPROFILE profile);

/* RGB to RGB, in place or not */
NOVITA_FUNC void novita_colour_matrix_row (const struct novita_colour_matrix *m,
                                           uint8_t *out, const uint8_t *row,
                                           int n);

#endif
