/*
** kernels_scalar.c: the inner loops in plain C, which every other table must
** equal to the bit. Sums are of 32-bit integers, so their order is free.
*/
#include "kernels.h"

#define TILE 64  /* columns summed at a time: their sums stay in the cache */


static int clamp (int v, int low, int high) {
  return v < low ? low : v > high ? high : v;
}


/* 'n' is a constant where it is TILE: that loop needs no remainder */
static inline void vertical_tile (int16_t *out, const uint8_t *const *row,
                                  const int16_t *weight, int taps, size_t x,
                                  const int n, int shift) {
  int32_t sum[TILE];
  int i, k;
  for (i = 0; i < n; i++) sum[i] = 1 << shift >> 1;
  for (k = 0; k < taps; k++) {
    const uint8_t *in = row[k] + x;
    int16_t w = weight[k];
    for (i = 0; i < n; i++) sum[i] += (int16_t)in[i] * w;
  }
  for (i = 0; i < n; i++)
    out[x + (size_t)i] = (int16_t)clamp(sum[i] >> shift, -32768, 32767);
}


static void vertical (int16_t *out, const uint8_t *const *row,
                      const int16_t *weight, int taps, size_t n, int shift) {
  size_t x;
  shift -= NOVITA_MID_BITS;
  for (x = 0; x + TILE <= n; x += TILE)
    vertical_tile(out, row, weight, taps, x, TILE, shift);
  if (x < n) vertical_tile(out, row, weight, taps, x, (int)(n - x), shift);
}


/* 'channels' is a constant at every call: each becomes a loop of its own */
static inline void horizontal_of (uint8_t *out, const int16_t *in, int origin,
                                  const struct novita_coefs *c,
                                  const int channels) {
  int i, k, ch, shift = c->shift + NOVITA_MID_BITS;
  for (i = 0; i < c->n; i++, out += channels) {
    const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
    const int16_t *p = in + (ptrdiff_t)(c->first[i] - origin) * channels;
    int32_t sum[4];
    for (ch = 0; ch < channels; ch++) sum[ch] = 1 << (shift - 1);
    for (k = 0; k < c->count[i]; k++, p += channels)
      for (ch = 0; ch < channels; ch++) sum[ch] += weight[k] * p[ch];
    for (ch = 0; ch < channels; ch++)
      out[ch] = (uint8_t)clamp(sum[ch] >> shift, 0, 255);
  }
}


static void horizontal (uint8_t *out, const int16_t *in, int origin,
                        const struct novita_coefs *c, int channels) {
  switch (channels) {
    case 1: horizontal_of(out, in, origin, c, 1); break;
    case 2: horizontal_of(out, in, origin, c, 2); break;
    case 3: horizontal_of(out, in, origin, c, 3); break;
    default: horizontal_of(out, in, origin, c, 4); break;
  }
}


const struct novita_kernels novita_kernels_scalar = {
  "scalar", vertical, horizontal
};
