/*
** measure_sums_neon.c: the loops of measure_sums.h for 64-bit ARM, which always
** has NEON. Plain C adds the pixels that do not fill a register.
*/
#include "measure_sums.h"

#ifdef NOVITA_HAVE_NEON

#include <arm_neon.h>


/* A comparison gives -1 for each pixel that counts: a byte counts to 255, more
** than the registers in a row. */
static void add_levels (struct novita_measure_sums *s, const uint8_t *row,
                        int n) {
  const uint8x16_t dark = vdupq_n_u8(NOVITA_MEASURE_DARK);
  const uint8x16_t bright = vdupq_n_u8(NOVITA_MEASURE_BRIGHT);
  uint8x16_t darks = vdupq_n_u8(0), brights = darks;
  uint32x4_t sum = vdupq_n_u32(0);
  int x;
  for (x = 0; x + 16 <= n; x += 16) {
    uint8x16_t v = vld1q_u8(row + x);
    sum = vpadalq_u16(sum, vpaddlq_u8(v));
    darks = vsubq_u8(darks, vcleq_u8(v, dark));
    brights = vsubq_u8(brights, vcgeq_u8(v, bright));
  }
  s->luma += vaddvq_u32(sum);
  s->dark += vaddlvq_u8(darks);
  s->bright += vaddlvq_u8(brights);
  novita_measure_sums_scalar.add_levels(s, row + x, n - x);
}


/* the Laplacian of 8 pixels, from the second one on */
static inline int16x8_t laplacian (const uint8_t *above, const uint8_t *here,
                                   const uint8_t *below) {
  uint16x8_t v = vaddl_u8(vld1_u8(above + 1), vld1_u8(below + 1));
  v = vaddw_u8(vaddw_u8(v, vld1_u8(here)), vld1_u8(here + 2));
  v = vsubq_u16(v, vshll_n_u8(vld1_u8(here + 1), 2));
  return vreinterpretq_s16_u16(v);
}


static void add_edges (struct novita_measure_sums *s,
                       const uint8_t *const line[3], int n) {
  const uint8_t *rest[3];
  int32x4_t edges = vdupq_n_s32(0), squares = edges;
  int x;
  for (x = 0; x + 10 <= n; x += 8) {
    int16x8_t v = laplacian(line[0] + x, line[1] + x, line[2] + x);
    edges = vpadalq_s16(edges, v);
    squares = vmlal_s16(squares, vget_low_s16(v), vget_low_s16(v));
    squares = vmlal_high_s16(squares, v, v);
  }
  s->edges += vaddlvq_s32(edges);
  s->squares += vaddlvq_s32(squares);
  rest[0] = line[0] + x;
  rest[1] = line[1] + x;
  rest[2] = line[2] + x;
  novita_measure_sums_scalar.add_edges(s, rest, n - x);
}


const struct novita_measure_sums_kernels novita_measure_sums_neon = {
  "neon", add_levels, add_edges
};

#endif
