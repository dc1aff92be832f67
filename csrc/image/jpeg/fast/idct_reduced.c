/*
** idct_reduced.c: the inverse DCTs of idct.h to fewer samples than a block has
** coefficients. The highest frequencies do not count; each pass takes the first
** coefficient and the odd ones, the one to 4 x 4 also the second and the sixth.
*/
#include <stdint.h>

#include "idct.h"

#define SIDE 8
#define FRACTION 13   /* fraction bits of the constants */
#define BETWEEN 2     /* fraction bits kept between the two passes */

/* One column or row of eight inputs, not all of them used. Damaged files
** have coefficients that overflow 32 bits. */
typedef void reduce (int64_t *out, const int64_t *in, int shift, int more);


static int64_t descale (int64_t v, int shift, int more) {
  return (v + (more << shift) + (1 << (shift - 1))) >> shift;
}


static void reduce_to_4 (int64_t *out, const int64_t *in, int shift,
                         int more) {
  int64_t first = in[0] * (1 << (FRACTION + 1));
  int64_t even = in[2] * 15137 - in[6] * 6270;    /* 1.847759065 0.765366865 */
  int64_t a = in[1] * 20995 + in[3] * 7373 -      /* 2.562915447 0.899976223 */
              in[5] * 4926 - in[7] * 4176;        /* 0.601344887 0.509795579 */
  int64_t b = in[1] * 8697 - in[3] * 17799 +      /* 1.061594337 2.172734803 */
              in[5] * 11893 - in[7] * 1730;       /* 1.451774981 0.211164243 */
  out[0] = descale(first + even + a, shift + 1, more);
  out[1] = descale(first - even + b, shift + 1, more);
  out[2] = descale(first - even - b, shift + 1, more);
  out[3] = descale(first + even - a, shift + 1, more);
}


static void reduce_to_2 (int64_t *out, const int64_t *in, int shift,
                         int more) {
  int64_t first = in[0] * (1 << (FRACTION + 2));
  int64_t odd = in[1] * 29692 - in[3] * 10426 +   /* 3.624509785 1.272758580 */
                in[5] * 6967 - in[7] * 5906;      /* 0.850430095 0.720959822 */
  out[0] = descale(first + odd, shift + 2, more);
  out[1] = descale(first - odd, shift + 2, more);
}


static uint8_t clamp (int64_t v) {
  return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}


/* columns to 'side' values each, then the rows of these */
static void reduce_block (uint8_t *out, size_t stride, const int16_t *coef,
                          const uint16_t *quant, int side, reduce *pass) {
  int64_t rows[4][SIDE], in[SIDE], v[4];
  int x, y;
  for (x = 0; x < SIDE; x++) {
    for (y = 0; y < SIDE; y++) {
      int i = NOVITA_IDCT_INDEX(y * SIDE + x);
      in[y] = (int16_t)((unsigned)coef[i] * quant[i]);
    }
    pass(v, in, FRACTION - BETWEEN, 0);
    for (y = 0; y < side; y++) rows[y][x] = v[y];
  }
  for (y = 0; y < side; y++, out += stride) {
    pass(v, rows[y], FRACTION + BETWEEN + 3, 128);
    for (x = 0; x < side; x++) out[x] = clamp(v[x]);
  }
}


void novita_idct_reduced_4x4 (uint8_t *out, size_t stride,
                              const int16_t *coef, const uint16_t *quant) {
  reduce_block(out, stride, coef, quant, 4, reduce_to_4);
}


void novita_idct_reduced_2x2 (uint8_t *out, size_t stride,
                              const int16_t *coef, const uint16_t *quant) {
  reduce_block(out, stride, coef, quant, 2, reduce_to_2);
}


void novita_idct_reduced_1x1 (uint8_t *out, size_t stride,
                              const int16_t *coef, const uint16_t *quant) {
  int dc = (int16_t)((unsigned)coef[0] * quant[0]);
  (void)stride;
  out[0] = clamp(((dc + 4) >> 3) + 128);
}
