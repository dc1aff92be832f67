/*
** kernels.h: the inner loops, one table an instruction set. All tables give
** the same bits; kernels_scalar.c says what those are.
**
** The table is chosen once for the process: the best that this processor has,
** or the one that NOVITA_SIMD names (scalar, avx2, avx512, neon) if it is
** built in and the processor has it.
*/
#ifndef novita_image_kernels_h
#define novita_image_kernels_h

#include <stddef.h>
#include <stdint.h>

#include "../base/func.h"
#include "coefs.h"

/* fraction bits of the samples between the two passes */
#define NOVITA_MID_BITS 6

/* most fraction bits of the weights, so that sums fit 32 bits:
** 255 * 2 * 2^22, and 255 * 2^6 * 2 * 2 * 2^15 */
#define NOVITA_VERTICAL_BITS 22
#define NOVITA_HORIZONTAL_BITS 15

/* what a kernel may read behind a row: the padding of the weights in pixels of
** four channels, and the rest of a register */
#define NOVITA_SLACK (NOVITA_TAPS * 4 + 16)

struct novita_kernels {
  const char *name;

  /* out[x] = sum of weight[k] * row[k][x] over 'taps' rows, rounded to
  ** NOVITA_MID_BITS fraction bits, clamped to 16 bits */
  void (*vertical) (int16_t *out, const uint8_t *const *row,
                    const int16_t *weight, int taps, size_t n, int shift);

  /* one row: c->n pixels out of 'in', whose first pixel has the number
  ** 'origin'; rounded and clamped to 0..255, the only clamp to 8 bits. May
  ** read, but not use, up to NOVITA_SLACK samples behind the last. */
  void (*horizontal) (uint8_t *out, const int16_t *in, int origin,
                      const struct novita_coefs *c, int channels);
};

NOVITA_FUNC const struct novita_kernels novita_kernels_scalar;
#if defined(__x86_64__) && defined(__GNUC__)
#define NOVITA_HAVE_AVX2 1
NOVITA_FUNC const struct novita_kernels novita_kernels_avx2;
#endif

/* the table in use */
NOVITA_FUNC const struct novita_kernels *novita_kernels (void);

/* what NOVITA_SIMD asked for and did not get, or NULL */
NOVITA_FUNC const char *novita_kernels_refused (void);

#endif
