/*
** idct.h: the 8 x 8 inverse DCT of JPEG with accurate integers (Loeffler,
** Ligtenberg and Moschytz, 13 fraction bits), bit-exact with libjpeg's "islow"
** for all coefficients that an 8-bit image can have; and the reduced ones to
** 4 x 4, 2 x 2 and 1 x 1 samples, bit-exact with libjpeg's too.
*/
#ifndef novita_image_jpeg_fast_idct_h
#define novita_image_jpeg_fast_idct_h

#include <stddef.h>
#include <stdint.h>

#include "../../../base/cpu.h"
#include "../../../base/func.h"

/* The index of coefficient 'n' (counted row by row) in 'coef' and 'quant': row
** i is next to row i + 4, column i next to column i + 4, as both passes need
** them. */
#define NOVITA_IDCT_INDEX(n) \
  (((n) >> 3 & 3) << 4 | ((n) & 3) << 2 | ((n) >> 2 & 1) << 1 | (n) >> 5)

/* writes as many rows as a row has samples to 'out' */
typedef void novita_idct (uint8_t *out, size_t stride, const int16_t *coef,
                          const uint16_t *quant);

/* the one to 8 x 8 if all coefficients but the first are 0 */
NOVITA_FUNC void novita_idct_flat (uint8_t *out, size_t stride, int16_t coef,
                                   uint16_t quant);

#if defined(NOVITA_HAVE_X86)
NOVITA_FUNC novita_idct novita_idct_avx2;
NOVITA_FUNC novita_idct novita_idct_avx2_4x4;
#endif
NOVITA_FUNC novita_idct novita_idct_reduced_4x4, novita_idct_reduced_2x2,
                        novita_idct_reduced_1x1;

/* the version for 'side' samples (8, 4, 2, 1) and the instructions in use
** (base/cpu.h); NULL for other sides */
NOVITA_FUNC novita_idct *novita_idct_choose (int side);

#endif
