/*
** kernels_avx2.c: the inner loops for processors with AVX2, by 'target'
** attributes: no build flag is needed, and nothing here runs elsewhere.
**
** Both passes are made of pmaddwd: two 16-bit samples times two weights, added
** to a 32-bit sum. The packs at the end saturate as the scalar clamps do.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_AVX2

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))
#define BLOCK 32  /* columns at a time */


/* two neighbouring weights in every 32 bits */
INLINE __m256i weight_pair (int16_t first, int16_t second) {
  return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)first |
                                     (uint32_t)(uint16_t)second << 16));
}


/* Adds two rows of 32 columns. Unpacking works within halves, so sum[i] holds
** columns 4i to 4i+3 and 16+4i to 16+4i+3; packing restores the order. */
INLINE void add_rows (__m256i sum[4], __m256i a, __m256i b, __m256i w) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
  __m256i p0 = _mm256_unpacklo_epi8(low, zero);
  __m256i p1 = _mm256_unpackhi_epi8(low, zero);
  __m256i p2 = _mm256_unpacklo_epi8(high, zero);
  __m256i p3 = _mm256_unpackhi_epi8(high, zero);
  sum[0] = _mm256_add_epi32(sum[0], _mm256_madd_epi16(p0, w));
  sum[1] = _mm256_add_epi32(sum[1], _mm256_madd_epi16(p1, w));
  sum[2] = _mm256_add_epi32(sum[2], _mm256_madd_epi16(p2, w));
  sum[3] = _mm256_add_epi32(sum[3], _mm256_madd_epi16(p3, w));
}


INLINE void store_block (int16_t *out, __m256i sum[4], __m128i shift) {
  __m256i a, b;
  int i;
  for (i = 0; i < 4; i++) sum[i] = _mm256_sra_epi32(sum[i], shift);
  a = _mm256_packs_epi32(sum[0], sum[1]);  /* columns 0-7, 16-23 */
  b = _mm256_packs_epi32(sum[2], sum[3]);  /* columns 8-15, 24-31 */
  _mm256_storeu_si256((__m256i *)out, _mm256_permute2x128_si256(a, b, 0x20));
  _mm256_storeu_si256((__m256i *)(out + 16),
                      _mm256_permute2x128_si256(a, b, 0x31));
}


INLINE __m256i load (const uint8_t *p) {
  return _mm256_loadu_si256((const __m256i *)p);
}


INLINE void vertical_block (int16_t *out, const uint8_t *const *row,
                            const int16_t *weight, int taps, size_t x,
                            int shift) {
  const __m256i half = _mm256_set1_epi32(1 << shift >> 1);
  __m256i sum[4] = {half, half, half, half};
  int k;
  for (k = 0; k + 2 <= taps; k += 2)
    add_rows(sum, load(row[k] + x), load(row[k + 1] + x),
             weight_pair(weight[k], weight[k + 1]));
  if (k < taps)
    add_rows(sum, load(row[k] + x), _mm256_setzero_si256(),
             weight_pair(weight[k], 0));
  store_block(out + x, sum, _mm_cvtsi32_si128(shift));
}


/* The last block overlaps the one before it: it computes the same again. */
AVX2 static void vertical (int16_t *out, const uint8_t *const *row,
                           const int16_t *weight, int taps, size_t n,
                           int shift) {
  size_t x;
  if (n < BLOCK) {
    novita_kernels_scalar.vertical(out, row, weight, taps, n, shift);
    return;
  }
  shift -= NOVITA_MID_BITS;
  for (x = 0; x + BLOCK <= n; x += BLOCK)
    vertical_block(out, row, weight, taps, x, shift);
  if (x < n) vertical_block(out, row, weight, taps, n - BLOCK, shift);
}


/* How pixels of so many channels lie in a register of two halves: each half
** gets some pixels, shuffled so that the same channel of two neighbours
** stands side by side; 'spread' brings the weights to the same places. */
struct layout {
  int8_t shuffle[16];
  int32_t spread[8];
};

#define PAIR(a, b) 2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1
#define NONE -1, -1, -1, -1

static const struct layout layouts[] = {
  {{PAIR(0, 1), PAIR(2, 3), PAIR(4, 5), PAIR(6, 7)}, {0, 1, 2, 3, 4, 5, 6, 7}},
  {{PAIR(0, 2), PAIR(1, 3), PAIR(4, 6), PAIR(5, 7)}, {0, 0, 1, 1, 2, 2, 3, 3}},
  {{PAIR(0, 3), PAIR(1, 4), PAIR(2, 5), NONE}, {0, 0, 0, 0, 1, 1, 1, 1}},
  {{PAIR(0, 4), PAIR(1, 5), PAIR(2, 6), PAIR(3, 7)}, {0, 0, 0, 0, 1, 1, 1, 1}}
};


INLINE __m256i load_halves (const int16_t *low, const int16_t *high) {
  return _mm256_inserti128_si256(
    _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low)),
    _mm_loadu_si128((const __m128i *)high), 1);
}


/* 'taps' pairs of halves' weights: 4, 8 or 16 of them */
INLINE __m256i load_weights (const int16_t *weight, const int taps) {
  if (taps == 8)
    return _mm256_loadu_si256((const __m256i *)weight);
  if (taps == 4)
    return _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)weight));
  return _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i *)weight));
}


/* The sums of the channels in the lowest 32-bit places. */
INLINE __m128i fold (__m256i sum, const int channels) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum),
                            _mm256_extracti128_si256(sum, 1));
  if (channels <= 2) s = _mm_add_epi32(s, _mm_srli_si128(s, 8));
  if (channels == 1) s = _mm_add_epi32(s, _mm_srli_si128(s, 4));
  return s;
}


INLINE void store_pixel (uint8_t *out, __m128i sum, __m128i shift,
                         const int channels) {
  __m128i s = _mm_packs_epi32(_mm_sra_epi32(sum, shift), _mm_setzero_si128());
  int32_t pixel = _mm_cvtsi128_si32(_mm_packus_epi16(s, s));
  memcpy(out, &pixel, (size_t)channels);
}


INLINE void horizontal_of (uint8_t *out, const int16_t *in, int origin,
                           const struct novita_coefs *c, const int channels) {
  const struct layout *l = &layouts[channels - 1];
  const int taps = channels == 1 ? 8 : channels == 2 ? 4 : 2;  /* a half */
  const ptrdiff_t next = (ptrdiff_t)taps * channels;
  const __m256i shuffle = _mm256_broadcastsi128_si256(
    _mm_loadu_si128((const __m128i *)l->shuffle));
  const __m256i spread = _mm256_loadu_si256((const __m256i *)l->spread);
  const int bits = c->shift + NOVITA_MID_BITS;
  const __m128i shift = _mm_cvtsi32_si128(bits);
  const __m128i half = _mm_set1_epi32(1 << (bits - 1));
  int i, k;
  for (i = 0; i < c->n; i++, out += channels) {
    const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
    const int16_t *p = in + (ptrdiff_t)(c->first[i] - origin) * channels;
    __m256i sum = _mm256_setzero_si256();
    for (k = 0; k < c->count[i]; k += 2 * taps, p += 2 * next) {
      __m256i pixels = load_halves(p, p + next);
      __m256i w = load_weights(weight + k, taps);
      pixels = _mm256_shuffle_epi8(pixels, shuffle);
      w = _mm256_permutevar8x32_epi32(w, spread);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pixels, w));
    }
    store_pixel(out, _mm_add_epi32(fold(sum, channels), half), shift,
                channels);
  }
}


AVX2 static void horizontal (uint8_t *out, const int16_t *in, int origin,
                             const struct novita_coefs *c, int channels) {
  switch (channels) {
    case 1: horizontal_of(out, in, origin, c, 1); break;
    case 2: horizontal_of(out, in, origin, c, 2); break;
    case 3: horizontal_of(out, in, origin, c, 3); break;
    default: horizontal_of(out, in, origin, c, 4); break;
  }
}


const struct novita_kernels novita_kernels_avx2 = {
  "avx2", vertical, horizontal
};

#endif
