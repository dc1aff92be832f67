/*
** fdct.h: the forward DCT of JPEG with accurate integers, bit-exact with
** libjpeg's "islow", and the division by the quantization table, rounded as
** libjpeg does. AVX2 only: libjpeg is the version for everything else.
*/
#ifndef novita_image_jpeg_fast_fdct_h
#define novita_image_jpeg_fast_fdct_h

#include <stdbool.h>
#include <stdint.h>

#include "../../../base/cpu.h"
#include "../../../base/func.h"

/* Factors for the coefficients, row by row, each row twice: a vector has that
** row of two blocks. */
struct novita_fdct_divisors {
  uint16_t half[8][16];        /* of the divisor: rounds */
  uint16_t reciprocal[8][16];  /* times 2^16 and a power of two */
  uint16_t scale[8][16];       /* 2^16 divided by that power */
};

/* One quantized block, row by row. Negative coefficients are stored less 1:
** their lowest bits are then the ones that a JPEG has. */
struct novita_fdct_block {
  int16_t value[64];
  uint64_t used;               /* bit n: value n is not 0 */
  bool outside;                /* of the image: has no values */
};

/* 'quant': 64 values from 1 to 255, row by row */
NOVITA_FUNC void novita_fdct_divide_by (struct novita_fdct_divisors *c,
                                        const uint16_t *quant);

/* transforms two adjacent blocks; the left one starts at column 'x' */
typedef void novita_fdct (struct novita_fdct_block out[2],
                          const uint8_t *const rows[8], int x,
                          const struct novita_fdct_divisors *c);

#if defined(NOVITA_HAVE_X86)
NOVITA_FUNC novita_fdct novita_fdct_avx2;
#endif

/* the version for the instructions in use (base/cpu.h), or NULL */
NOVITA_FUNC novita_fdct *novita_fdct_choose (void);

#endif
