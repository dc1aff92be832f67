/*
** kernels_neon.c: the inner loops for 64-bit ARM, which always has NEON. Sums
** use smlal: four 16-bit samples times one weight each, added to four 32-bit
** sums. Dot products are not used, because older processors do not have them.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_NEON

#include <arm_neon.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define ROWS 8  /* of a row block at a time */

/* {====== gather */

/* v * a / 255, rounded */
INLINE uint8x8_t share (uint8x8_t v, uint8x8_t a) {
  uint16x8_t p = vaddq_u16(vmull_u8(v, a), vdupq_n_u16(128));
  return vshrn_n_u16(vsraq_n_u16(p, p, 8), 8);
}


/* the alpha of each of 16 samples, 255 for alpha itself */
INLINE uint8x16_t alpha_of (uint8x16_t v, const int channels) {
  static const uint8_t from[2][16] = {
    {1, 255, 3, 255, 5, 255, 7, 255, 9, 255, 11, 255, 13, 255, 15, 255},
    {3, 3, 3, 255, 7, 7, 7, 255, 11, 11, 11, 255, 15, 15, 15, 255}
  };
  return vqtbx1q_u8(vdupq_n_u8(255), v, vld1q_u8(from[channels == 4]));
}


INLINE uint8x16_t premultiply (uint8x16_t v, const int channels) {
  uint8x16_t a = alpha_of(v, channels);
  return vcombine_u8(share(vget_low_u8(v), vget_low_u8(a)),
                     share(vget_high_u8(v), vget_high_u8(a)));
}


INLINE void gather_block (uint8_t *group, const uint8_t *const row[4],
                          size_t x, const int alpha) {
  uint8x16x4_t v;
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++) {
    v.val[k] = vld1q_u8(row[k] + x);
    if (alpha != 0) v.val[k] = premultiply(v.val[k], alpha);
  }
  vst4q_u8(group + 4 * x, v);
}


/* the last columns, which do not fill a block, are copied to a full one */
INLINE void gather_rest (uint8_t *group, const uint8_t *const row[4],
                         size_t x, size_t n, const int alpha) {
  uint8_t copy[4][16] = {{0}};
  const uint8_t *p[4];
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++) p[k] = memcpy(copy[k], row[k] + x, n - x);
  gather_block(group + 4 * x, p, 0, alpha);
}


INLINE void gather_of (uint8_t *group, const uint8_t *const row[4], size_t n,
                       const int alpha) {
  size_t x;
  for (x = 0; x + 16 <= n; x += 16) gather_block(group, row, x, alpha);
  if (x < n) gather_rest(group, row, x, n, alpha);
}


static void gather (uint8_t *group, const uint8_t *const row[4], size_t n,
                    int alpha) {
  if (alpha == 0) gather_of(group, row, n, 0);
  else if (alpha == 2) gather_of(group, row, n, 2);
  else gather_of(group, row, n, 4);
}


/* the four words of a colour are adjacent, and so are those of its alpha */
static void weigh_words (int16_t *group, size_t n, int channels) {
  const size_t step = (size_t)channels * 4;
  size_t i, c;
  for (i = 0; i < n * 4; i += step) {
    int16x4_t a = vld1_s16(group + i + step - 4);
    int16x4_t m = vadd_s16(vshl_n_s16(a, 1), vshr_n_s16(a, 7));
    for (c = i; c < i + step - 4; c += 4)
      vst1_s16(group + c, vqrdmulh_s16(vld1_s16(group + c), m));
  }
}

/* }====== */

/* {====== vertical */

static void pack (int16_t record[8]) {
  (void)record;
}


/* Adds eight columns of one source row to the sums of both target rows. Its
** weights are lanes 'lane' and 'lane' + 4 of 'w'. */
#define ADD_ROW(a, b, v, w, lane) \
  ((a)[0] = vmlal_laneq_s16((a)[0], vget_low_s16(v), (w), (lane)), \
   (a)[1] = vmlal_high_laneq_s16((a)[1], (v), (w), (lane)), \
   (b)[0] = vmlal_laneq_s16((b)[0], vget_low_s16(v), (w), (lane) + 4), \
   (b)[1] = vmlal_high_laneq_s16((b)[1], (v), (w), (lane) + 4))


/* eight columns of a whole group */
INLINE void add_group (int32x4_t a[2], int32x4_t b[2], const int16x8_t v[4],
                       int16x8_t w) {
  ADD_ROW(a, b, v[0], w, 0);
  ADD_ROW(a, b, v[1], w, 1);
  ADD_ROW(a, b, v[2], w, 2);
  ADD_ROW(a, b, v[3], w, 3);
}


INLINE int16x8_t widen (uint8x8_t v) {
  return vreinterpretq_s16_u16(vmovl_u8(v));
}


/* rounds and clamps eight sums; 'back' is the negated shift */
INLINE int16x8_t round_words (const int32x4_t sum[2], int32x4_t back) {
  return vcombine_s16(vqmovn_s32(vshlq_s32(sum[0], back)),
                      vqmovn_s32(vshlq_s32(sum[1], back)));
}


/* 16 columns of two target rows */
INLINE void vertical_block (int16_t *const out[2], const void *const *group,
                            const int16_t *record, int groups, size_t x,
                            int32x4_t half, int32x4_t back) {
  int32x4_t a[4] = {half, half, half, half}, b[4] = {half, half, half, half};
  int k, i;
  for (k = 0; k < groups; k++, record += 8) {
    uint8x16x4_t v = vld4q_u8((const uint8_t *)group[k] + 4 * x);
    int16x8_t w = vld1q_s16(record), low[4], high[4];
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) {
      low[i] = widen(vget_low_u8(v.val[i]));
      high[i] = widen(vget_high_u8(v.val[i]));
    }
    add_group(a, b, low, w);
    add_group(a + 2, b + 2, high, w);
  }
  NOVITA_UNROLL
  for (i = 0; i < 2; i++) {
    vst1q_s16(out[0] + x + 8 * (size_t)i, round_words(a + 2 * i, back));
    vst1q_s16(out[1] + x + 8 * (size_t)i, round_words(b + 2 * i, back));
  }
}


static void vertical (int16_t *const out[2], const void *const *group,
                      const int16_t *record, int groups, size_t n, int shift) {
  const int32x4_t half = vdupq_n_s32(1 << shift >> 1);
  const int32x4_t back = vdupq_n_s32(-shift);
  size_t x;
  for (x = 0; x < n; x += 16)
    vertical_block(out, group, record, groups, x, half, back);
}


static void vertical_words (int16_t *const out[2], const void *const *group,
                            const int16_t *record, int groups, size_t n,
                            int shift) {
  const int32x4_t half = vdupq_n_s32(1 << shift >> 1);
  const int32x4_t back = vdupq_n_s32(-shift);
  size_t x;
  int k;
  for (x = 0; x < n; x += 8) {
    int32x4_t a[2] = {half, half}, b[2] = {half, half};
    for (k = 0; k < groups; k++) {
      int16x8x4_t v = vld4q_s16((const int16_t *)group[k] + 4 * x);
      add_group(a, b, v.val, vld1q_s16(record + 8 * (size_t)k));
    }
    vst1q_s16(out[0] + x, round_words(a, back));
    vst1q_s16(out[1] + x, round_words(b, back));
  }
}

/* }====== */

/* {====== horizontal
** Eight rows are transposed, so that a register holds one sample of each row. A
** target sample of eight rows is then a chain of products, each with one
** weight. */

/* eight registers of eight words: columns become rows */
INLINE void transpose (int16x8_t v[8]) {
  int16x8_t a[8];
  int32x4_t b[8];
  int64x2_t c[8];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 8; i += 2) {
    a[i] = vtrn1q_s16(v[i], v[i + 1]);
    a[i + 1] = vtrn2q_s16(v[i], v[i + 1]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) b[i] = vreinterpretq_s32_s16(a[i]);
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) {  /* i and i + 2 exchange halves */
    int at = i / 4 * 4 + i % 2;
    c[i] = vreinterpretq_s64_s32(
      i % 4 < 2 ? vtrn1q_s32(b[at], b[at + 2]) : vtrn2q_s32(b[at], b[at + 2]));
  }
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    v[i] = vreinterpretq_s16_s64(vtrn1q_s64(c[i], c[i + 4]));
    v[i + 4] = vreinterpretq_s16_s64(vtrn2q_s64(c[i], c[i + 4]));
  }
}


INLINE void transpose_rows (const struct novita_row_block *b,
                            const int16_t *in) {
  int16_t *transposed = b->scratch;
  int x, i, n = b->pixels * b->channels;
  for (x = 0; x < n; x += 8, transposed += 8 * ROWS) {
    int16x8_t v[ROWS];
    NOVITA_UNROLL
    for (i = 0; i < ROWS; i++)
      v[i] = vld1q_s16(in + (size_t)i * b->in_stride + x);
    transpose(v);
    NOVITA_UNROLL
    for (i = 0; i < 8; i++) vst1q_s16(transposed + ROWS * i, v[i]);
  }
}


/* Eight rows of one target pixel. In 'out', the rows of each sample are
** adjacent. */
INLINE void sum_pixel (int16x8_t *out, const struct novita_row_block *b, int i,
                       int32x4_t half, int32x4_t back, const int channels) {
  const struct novita_filter_taps *c = b->c;
  const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
  const int16_t *p = (const int16_t *)b->scratch +
                     (ptrdiff_t)(c->first[i] - b->origin) * channels * ROWS;
  int32x4_t sum[4][2];
  int k, ch, n = c->count[i];
  NOVITA_UNROLL
  for (ch = 0; ch < channels; ch++) sum[ch][0] = sum[ch][1] = half;
  for (k = 0; k < n; k++)
    NOVITA_UNROLL
    for (ch = 0; ch < channels; ch++, p += ROWS) {
      int16x8_t v = vld1q_s16(p);
      sum[ch][0] = vmlal_n_s16(sum[ch][0], vget_low_s16(v), weight[k]);
      sum[ch][1] = vmlal_high_n_s16(sum[ch][1], v, weight[k]);
    }
  NOVITA_UNROLL
  for (ch = 0; ch < channels; ch++) out[ch] = round_words(sum[ch], back);
}


/* Eight rows of 'b', from row 'y' on. Works on eight pixels at a time, which
** are 'channels' squares of samples and rows. */
INLINE void rows_of (const struct novita_row_block *b, int y,
                     const int channels) {
  const struct novita_filter_taps *c = b->c;
  const int32x4_t half = vdupq_n_s32(1 << c->shift >> 1);
  const int32x4_t back = vdupq_n_s32(-c->shift);
  int16_t *out = b->out + (size_t)y * b->out_stride;
  int16x8_t square[8 * 4];
  int i, k, r;
  transpose_rows(b, b->in + (size_t)y * b->in_stride);
  memset(square, 0, sizeof square);
  for (i = 0; i < c->n; i += 8, out += 8 * channels) {
    for (k = 0; k < 8 && i + k < c->n; k++)
      sum_pixel(square + k * channels, b, i + k, half, back, channels);
    NOVITA_UNROLL
    for (k = 0; k < channels; k++) {
      transpose(square + 8 * k);
      NOVITA_UNROLL
      for (r = 0; r < ROWS; r++)
        vst1q_s16(out + (size_t)r * b->out_stride + 8 * k, square[8 * k + r]);
    }
  }
}


static void horizontal (const struct novita_row_block *b) {
  int y;
  for (y = 0; y < b->rows; y += ROWS)
    switch (b->channels) {
      case 1: rows_of(b, y, 1); break;
      case 2: rows_of(b, y, 2); break;
      case 3: rows_of(b, y, 3); break;
      default: rows_of(b, y, 4); break;
    }
}

/* }====== */

/* four words of a row; the result for alpha is meaningless */
INLINE int16x4_t unweigh (int16x4_t words, const int channels) {
  float32x4_t v = vcvtq_f32_s32(vmovl_s16(words));
  float32x4_t a = channels == 4 ? vdupq_laneq_f32(v, 3) : vtrn2q_f32(v, v);
  uint32x4_t above = vcgtzq_f32(a);
  a = vdivq_f32(vdupq_n_f32(NOVITA_ONE), a);
  a = vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a), above));
  return vqmovn_s32(vcvtnq_s32_f32(vmulq_f32(v, a)));
}


INLINE void unweigh_row (int16_t *row, size_t n, const int channels) {
  const uint16x8_t alphas = channels == 4
    ? vreinterpretq_u16_u64(vdupq_n_u64(0xffff000000000000))
    : vreinterpretq_u16_u32(vdupq_n_u32(0xffff0000));
  size_t i;
  for (i = 0; i < n; i += 8) {
    int16x8_t v = vld1q_s16(row + i);
    int16x8_t w = vcombine_s16(unweigh(vget_low_s16(v), channels),
                               unweigh(vget_high_s16(v), channels));
    w = vminq_s16(vmaxq_s16(w, vdupq_n_s16(0)), vdupq_n_s16(NOVITA_ONE));
    vst1q_s16(row + i, vbslq_s16(alphas, v, w));
  }
}


static void unweigh_words (int16_t *row, size_t n, int channels) {
  if (channels == 4) unweigh_row(row, n, 4);
  else unweigh_row(row, n, 2);
}


static void narrow (uint8_t *out, const int16_t *in, size_t n) {
  size_t i;
  for (i = 0; i + 8 <= n; i += 8)
    vst1_u8(out + i, vqrshrun_n_s16(vld1q_s16(in + i), NOVITA_FRACTION));
  novita_kernels_scalar.narrow(out + i, in + i, n - i);
}


const struct novita_kernels novita_kernels_neon = {
  "neon", gather, weigh_words, pack, vertical, vertical_words, horizontal,
  unweigh_words, narrow
};

#endif
