/*
** kernels_scalar.c: the inner loops in plain C. Every other table must give the
** same bits. Sums are 32-bit integers, so their order does not matter.
*/
#include <math.h>

#include "kernels.h"

#define TILE 64  /* columns summed at a time: their sums stay in the cache */


static int clamp (int v, int low, int high) {
  return v < low ? low : v > high ? high : v;
}


static int16_t round_word (int32_t sum, int shift) {
  return (int16_t)clamp(sum >> shift, -32768, 32767);
}


/* v * a / 255, rounded */
static uint8_t share (unsigned v, unsigned a) {
  v = v * a + 128;
  return (uint8_t)((v + (v >> 8)) >> 8);
}


static void gather_row (uint8_t *group, const uint8_t *row, size_t n) {
  size_t x;
  for (x = 0; x < n; x++) group[4 * x] = row[x];
}


static void gather_alpha (uint8_t *group, const uint8_t *row, size_t n,
                          int channels) {
  size_t x;
  int ch;
  for (x = 0; x < n; x += (size_t)channels) {
    uint8_t a = row[x + (size_t)channels - 1];
    for (ch = 0; ch < channels - 1; ch++, group += 4)
      *group = share(row[x + (size_t)ch], a);
    *group = a;
    group += 4;
  }
}


static void gather (uint8_t *group, const uint8_t *const row[NOVITA_GROUP],
                    size_t n, int alpha) {
  int k;
  for (k = 0; k < NOVITA_GROUP; k++) {
    if (alpha != 0) gather_alpha(group + k, row[k], n, alpha);
    else gather_row(group + k, row[k], n);
  }
}


static void weigh_pixel (int16_t *colour, const int16_t *alpha) {
  int k;
  for (; colour < alpha; colour += NOVITA_GROUP)
    for (k = 0; k < NOVITA_GROUP; k++) {
      int m = 2 * alpha[k] + (alpha[k] >> 7);
      colour[k] = (int16_t)((colour[k] * m + (1 << 14)) >> 15);
    }
}


static void weigh_words (int16_t *group, size_t n, int channels) {
  int16_t *end = group + n * NOVITA_GROUP;
  size_t step = (size_t)channels * NOVITA_GROUP;
  for (; group < end; group += step)
    weigh_pixel(group, group + step - NOVITA_GROUP);
}


static void pack (int16_t record[2 * NOVITA_GROUP]) {
  (void)record;
}


/* the vertical passes over bytes and words differ only in the type */
#define DEFINE_VERTICAL(name, type)                                          \
  static void name##_tile (int16_t *out, const void *const *group,           \
                           const int16_t *record, int groups, size_t x,      \
                           int shift) {                                      \
    int32_t sum[TILE];                                                       \
    int i, k;                                                                \
    for (i = 0; i < TILE; i++) sum[i] = 1 << shift >> 1;                     \
    for (k = 0; k < groups; k++, record += 2 * NOVITA_GROUP) {               \
      const type *in = (const type *)group[k] + 4 * x;                       \
      for (i = 0; i < TILE; i++, in += 4)                                    \
        sum[i] += in[0] * record[0] + in[1] * record[1] +                    \
                  in[2] * record[2] + in[3] * record[3];                     \
    }                                                                        \
    for (i = 0; i < TILE; i++)                                               \
      out[x + (size_t)i] = round_word(sum[i], shift);                        \
  }                                                                          \
                                                                             \
  static void name (int16_t *const out[2], const void *const *group,         \
                    const int16_t *record, int groups, size_t n,             \
                    int shift) {                                             \
    size_t x;                                                                \
    for (x = 0; x < n; x += TILE) {                                          \
      name##_tile(out[0], group, record, groups, x, shift);                  \
      name##_tile(out[1], group, record + NOVITA_GROUP, groups, x, shift);   \
    }                                                                        \
  }

DEFINE_VERTICAL(vertical, uint8_t)
DEFINE_VERTICAL(vertical_words, int16_t)


/* 'channels' is a constant in every call: the compiler makes a loop for each */
static inline void row_of (int16_t *out, const int16_t *in,
                           const struct novita_row_block *b,
                           const int channels) {
  const struct novita_filter_taps *c = b->c;
  int i, k, ch;
  for (i = 0; i < c->n; i++, out += channels) {
    const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
    const int16_t *p = in + (ptrdiff_t)(c->first[i] - b->origin) * channels;
    int32_t sum[4];
    for (ch = 0; ch < channels; ch++) sum[ch] = 1 << c->shift >> 1;
    for (k = 0; k < c->count[i]; k++, p += channels)
      for (ch = 0; ch < channels; ch++) sum[ch] += weight[k] * p[ch];
    for (ch = 0; ch < channels; ch++) out[ch] = round_word(sum[ch], c->shift);
  }
}


static void horizontal (const struct novita_row_block *b) {
  size_t y;
  for (y = 0; y < (size_t)b->rows; y++) {
    int16_t *out = b->out + y * b->out_stride;
    const int16_t *in = b->in + y * b->in_stride;
    switch (b->channels) {
      case 1: row_of(out, in, b, 1); break;
      case 2: row_of(out, in, b, 2); break;
      case 3: row_of(out, in, b, 3); break;
      default: row_of(out, in, b, 4); break;
    }
  }
}


static void unweigh_words (int16_t *row, size_t n, int channels) {
  int16_t *end = row + n, *alpha;
  for (; row < end; row = alpha + 1) {
    float inverse;
    alpha = row + channels - 1;
    inverse = *alpha > 0 ? (float)NOVITA_ONE / (float)*alpha : 0;
    for (; row < alpha; row++)
      *row = (int16_t)clamp((int)lrintf((float)*row * inverse), 0, NOVITA_ONE);
  }
}


static void narrow (uint8_t *out, const int16_t *in, size_t n) {
  const int half = 1 << NOVITA_FRACTION >> 1;
  size_t i;
  for (i = 0; i < n; i++)
    out[i] = (uint8_t)clamp((in[i] + half) >> NOVITA_FRACTION, 0, 255);
}


const struct novita_kernels novita_kernels_scalar = {
  "scalar", gather, weigh_words, pack, vertical, vertical_words, horizontal,
  unweigh_words, narrow
};
