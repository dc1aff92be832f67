/*
** idct.h: the 8 x 8 inverse DCT of JPEG with accurate integers (Loeffler,
** Ligtenberg and Moschytz, 13 fraction bits), bit-exact with libjpeg's "islow"
** for all coefficients that an 8-bit image can have.
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

/* writes 8 rows of 8 samples to 'out' */
typedef void novita_idct (uint8_t *out, size_t stride, const int16_t *coef,
                          const uint16_t *quant);

/* the same if all coefficients but the first are 0 */
NOVITA_FUNC void novita_idct_flat (uint8_t *out, size_t stride, int16_t coef,
                                   uint16_t quant);

#if defined(NOVITA_HAVE_X86)
NOVITA_FUNC novita_idct novita_idct_avx2;
#endif

/* the version for the instructions in use (base/cpu.h) */
NOVITA_FUNC novita_idct *novita_idct_choose (void);

#endif
