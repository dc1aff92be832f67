/*
** kernels_avx512.h: the code that the tables with 512-bit registers share. Each
** file with a table includes it once, after defining:
**
**   TARGET              the instructions it may use, for __attribute__
**   dot_words(s, a, b)  s + pairs of products of words
**
** The structure is that of kernels_avx2.c, with sixteen rows or columns per
** register, and masks at the ends.
*/
#include <immintrin.h>
#include <string.h>

#include "kernels.h"
#include "kernels_x86.h"

#define INLINE static inline __attribute__((always_inline, target(TARGET)))
#define OUTER __attribute__((target(TARGET))) static

INLINE __m512i dot_words (__m512i sum, __m512i a, __m512i b);

/* {====== gather */

INLINE __m512i four_times (const void *p) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(p));
}


/* v / 255, rounded, of words up to 255 * 255 */
INLINE __m512i divide_255 (__m512i v) {
  v = _mm512_add_epi16(v, _mm512_set1_epi16(128));
  return _mm512_srli_epi16(_mm512_add_epi16(v, _mm512_srli_epi16(v, 8)), 8);
}


INLINE __m512i premultiply (__m512i v, const struct novita_alpha_layout *l) {
  const __m512i zero = _mm512_setzero_si512(), own = four_times(l->own);
  __m512i low = _mm512_or_si512(_mm512_shuffle_epi8(v, four_times(l->low)),
                                own);
  __m512i high = _mm512_or_si512(_mm512_shuffle_epi8(v, four_times(l->high)),
                                 own);
  low = _mm512_mullo_epi16(_mm512_unpacklo_epi8(v, zero), low);
  high = _mm512_mullo_epi16(_mm512_unpackhi_epi8(v, zero), high);
  return _mm512_packus_epi16(divide_255(low), divide_255(high));
}


/* 'have' marks the bytes that are pixels. If all of them are opaque, as they
** mostly are, there is nothing to multiply. */
INLINE void premultiply_block (__m512i row[4], __mmask64 have,
                               const int channels) {
  const __mmask64 alphas = channels == 4 ? 0x8888888888888888ull
                                         : 0xaaaaaaaaaaaaaaaaull;
  __m512i all = _mm512_and_si512(_mm512_and_si512(row[0], row[1]),
                                 _mm512_and_si512(row[2], row[3]));
  int k;
  if (_mm512_mask_cmpneq_epi8_mask(have & alphas, all,
                                   _mm512_set1_epi8(-1)) == 0) return;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++)
    row[k] = premultiply(row[k], &novita_alpha_layouts[channels == 4]);
}


/* 64 columns; unpacking works within quarters, which are reordered at the end
*/
INLINE void interleave (uint8_t *group, const __m512i row[4]) {
  __m512i a = _mm512_unpacklo_epi8(row[0], row[1]);
  __m512i b = _mm512_unpackhi_epi8(row[0], row[1]);
  __m512i c = _mm512_unpacklo_epi8(row[2], row[3]);
  __m512i d = _mm512_unpackhi_epi8(row[2], row[3]);
  __m512i p = _mm512_unpacklo_epi16(a, c), q = _mm512_unpackhi_epi16(a, c);
  __m512i r = _mm512_unpacklo_epi16(b, d), s = _mm512_unpackhi_epi16(b, d);
  __m512i p0 = _mm512_shuffle_i32x4(p, q, 0x44);
  __m512i p1 = _mm512_shuffle_i32x4(r, s, 0x44);
  __m512i p2 = _mm512_shuffle_i32x4(p, q, 0xee);
  __m512i p3 = _mm512_shuffle_i32x4(r, s, 0xee);
  _mm512_storeu_si512(group, _mm512_shuffle_i32x4(p0, p1, 0x88));
  _mm512_storeu_si512(group + 64, _mm512_shuffle_i32x4(p0, p1, 0xdd));
  _mm512_storeu_si512(group + 128, _mm512_shuffle_i32x4(p2, p3, 0x88));
  _mm512_storeu_si512(group + 192, _mm512_shuffle_i32x4(p2, p3, 0xdd));
}


INLINE void gather_of (uint8_t *group, const uint8_t *const row[4], size_t n,
                       const int alpha) {
  size_t x;
  for (x = 0; x < n; x += 64) {
    __mmask64 have = n - x >= 64 ? ~0ull : ~0ull >> (64 - (n - x));
    __m512i v[4];
    int k;
    NOVITA_UNROLL
    for (k = 0; k < 4; k++) {
      _mm_prefetch((const char *)row[k] + x + NOVITA_AHEAD, _MM_HINT_T0);
      v[k] = _mm512_maskz_loadu_epi8(have, row[k] + x);
    }
    if (alpha != 0) premultiply_block(v, have, alpha);
    interleave(group + 4 * x, v);
  }
}


OUTER void gather (uint8_t *group, const uint8_t *const row[4], size_t n,
                   int alpha) {
  if (alpha == 0) gather_of(group, row, n, 0);
  else if (alpha == 2) gather_of(group, row, n, 2);
  else gather_of(group, row, n, 4);
}


/* the four words of a colour are adjacent, and so are those of its alpha */
OUTER void weigh_words (int16_t *group, size_t n, int channels) {
  const __mmask32 colours = channels == 4 ? 0x0fff0fffu : 0x0f0f0f0fu;
  size_t i;
  for (i = 0; i < n * 4; i += 32) {
    __m512i v = _mm512_loadu_si512(group + i);
    __m512i a = channels == 4 ? _mm512_permutex_epi64(v, 0xff)
                              : _mm512_shuffle_epi32(v, _MM_PERM_DCDC);
    a = _mm512_add_epi16(_mm512_slli_epi16(a, 1), _mm512_srli_epi16(a, 7));
    _mm512_storeu_si512(group + i,
                        _mm512_mask_mulhrs_epi16(v, colours, v, a));
  }
}

/* }====== */

/* {====== vertical */

INLINE __m512i load (const void *p) {
  return _mm512_loadu_si512(p);
}


INLINE __m512i pair_at (const void *weight) {
  int32_t pair;
  memcpy(&pair, weight, sizeof pair);
  return _mm512_set1_epi32(pair);
}


INLINE void store_words (int16_t *out, __m512i sum, __m128i shift) {
  _mm256_storeu_si256((void *)out,
                      _mm512_cvtsepi32_epi16(_mm512_sra_epi32(sum, shift)));
}


/* Adds the two adjacent sums of each column; returns 16 columns in order. */
INLINE __m512i add_neighbours (__m512i a, __m512i b, __m512i half) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
                                         20, 22, 24, 26, 28, 30);
  a = _mm512_add_epi32(a, _mm512_srli_epi64(a, 32));
  b = _mm512_add_epi32(b, _mm512_srli_epi64(b, 32));
  return _mm512_add_epi32(_mm512_permutex2var_epi32(a, even, b), half);
}


/* 32 columns of two target rows: sums [0] to [3] are of the first row, the
** others of the second */
INLINE void words_block (int16_t *const out[2], const void *const *group,
                         const int16_t *record, int groups, size_t x,
                         __m512i half, __m128i shift) {
  __m512i sum[8];
  int i, k;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) sum[i] = _mm512_setzero_si512();
  for (k = 0; k < groups; k++, record += 8) {
    const int16_t *p = (const int16_t *)group[k] + 4 * x;
    int64_t four[2];
    __m512i a, b;
    memcpy(four, record, sizeof four);
    a = _mm512_set1_epi64(four[0]);
    b = _mm512_set1_epi64(four[1]);
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) {
      __m512i v = load(p + 32 * i);
      sum[i] = dot_words(sum[i], v, a);
      sum[4 + i] = dot_words(sum[4 + i], v, b);
    }
  }
  NOVITA_UNROLL
  for (i = 0; i < 4; i++)
    store_words(out[i / 2] + x + 16 * (i % 2),
                add_neighbours(sum[2 * i], sum[2 * i + 1], half), shift);
}


OUTER void vertical_words (int16_t *const out[2], const void *const *group,
                           const int16_t *record, int groups, size_t n,
                           int shift) {
  const __m512i half = _mm512_set1_epi32(1 << shift >> 1);
  size_t x;
  for (x = 0; x < n; x += 32)
    words_block(out, group, record, groups, x, half, _mm_cvtsi32_si128(shift));
}

/* }====== */

/* {====== horizontal: see kernels_avx2.c */

/* 'step' samples of a row fill a register, or three quarters of it */
struct layout {
  int step;
  int32_t spread[16];
  int8_t shuffle[16];
};

#define PAIR(a, b) 2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1
#define NONE -1, -1, -1, -1
#define WHOLE {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
#define THREES {0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11}

static const struct layout layouts[] = {
  {32, WHOLE, {PAIR(0, 1), PAIR(2, 3), PAIR(4, 5), PAIR(6, 7)}},
  {32, WHOLE, {PAIR(0, 2), PAIR(1, 3), PAIR(4, 6), PAIR(5, 7)}},
  {24, THREES, {PAIR(0, 3), PAIR(1, 4), PAIR(2, 5), NONE}},
  {32, WHOLE, {PAIR(0, 4), PAIR(1, 5), PAIR(2, 6), PAIR(3, 7)}}
};


/* Column j of quarter i of sixteen rows goes to transposed[i * columns + j]. */
INLINE void transpose (__m512i *transposed, __m512i v[NOVITA_ROW_BLOCK],
                       const int columns) {
  __m512i a[NOVITA_ROW_BLOCK];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  NOVITA_UNROLL
  for (i = 0; i < columns; i++) {
    __m512i p = _mm512_shuffle_i32x4(v[i], v[i + 4], 0x88);
    __m512i q = _mm512_shuffle_i32x4(v[i], v[i + 4], 0xdd);
    __m512i r = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0x88);
    __m512i s = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0xdd);
    transposed[i] = _mm512_shuffle_i32x4(p, r, 0x88);
    transposed[columns + i] = _mm512_shuffle_i32x4(q, s, 0x88);
    transposed[2 * columns + i] = _mm512_shuffle_i32x4(p, r, 0xdd);
    transposed[3 * columns + i] = _mm512_shuffle_i32x4(q, s, 0xdd);
  }
}


INLINE void transpose_rows (const struct novita_row_block *b,
                            const int channels) {
  const struct layout *l = &layouts[channels - 1];
  const int columns = channels == 3 ? 3 : 4;
  const __m512i spread = load(l->spread), shuffle = four_times(l->shuffle);
  __m512i *transposed = b->scratch;
  int x, i, n = b->pixels * channels;
  for (x = 0; x < n; x += l->step, transposed += 4 * columns) {
    __m512i v[NOVITA_ROW_BLOCK];
    NOVITA_UNROLL
    for (i = 0; i < NOVITA_ROW_BLOCK; i++) {
      v[i] = load(b->in + (size_t)i * b->in_stride + x);
      if (channels == 3) v[i] = _mm512_permutexvar_epi32(spread, v[i]);
      if (channels > 1) v[i] = _mm512_shuffle_epi8(v[i], shuffle);
    }
    transpose(transposed, v, columns);
  }
}


/* Sixteen rows of one target pixel. In 'out', the rows of each sample are
** adjacent. */
INLINE void sum_pixel (__m256i *out, const struct novita_row_block *b, int i,
                       __m512i half, __m128i shift, const int channels) {
  const struct novita_filter_taps *c = b->c;
  const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
  const __m512i *p = (const __m512i *)b->scratch +
                     (ptrdiff_t)(c->first[i] - b->origin) / 2 * channels;
  __m512i sum[4] = {half, half, half, half};
  int k, ch, n = c->count[i];
  for (k = 0; k < n; k += 2, p += channels) {
    __m512i w = pair_at(weight + k);
    NOVITA_UNROLL
    for (ch = 0; ch < channels; ch++) sum[ch] = dot_words(sum[ch], p[ch], w);
  }
  NOVITA_UNROLL
  for (ch = 0; ch < channels; ch++)
    out[ch] = _mm512_cvtsepi32_epi16(_mm512_sra_epi32(sum[ch], shift));
}


/* Transposes sixteen samples of sixteen rows back to rows. */
INLINE void transpose_back (int16_t *out, size_t stride, __m256i v[16]) {
  __m256i a[16];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) {  /* pairs of samples; rows 0-3 8-11, 4-7 12-15 */
    a[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 16; i += 4) {  /* four samples; rows 0 1, 2 3, 4 5, 6 7 */
    v[i] = _mm256_unpacklo_epi32(a[i], a[i + 2]);
    v[i + 1] = _mm256_unpackhi_epi32(a[i], a[i + 2]);
    v[i + 2] = _mm256_unpacklo_epi32(a[i + 1], a[i + 3]);
    v[i + 3] = _mm256_unpackhi_epi32(a[i + 1], a[i + 3]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {  /* eight samples; row 2i, 2i + 1 */
    a[2 * i] = _mm256_unpacklo_epi64(v[i], v[4 + i]);
    a[2 * i + 1] = _mm256_unpackhi_epi64(v[i], v[4 + i]);
    a[8 + 2 * i] = _mm256_unpacklo_epi64(v[8 + i], v[12 + i]);
    a[9 + 2 * i] = _mm256_unpackhi_epi64(v[8 + i], v[12 + i]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 8; i++, out += stride) {
    _mm256_storeu_si256((void *)out,
                        _mm256_permute2x128_si256(a[i], a[8 + i], 0x20));
    _mm256_storeu_si256((void *)(out + 8 * stride),
                        _mm256_permute2x128_si256(a[i], a[8 + i], 0x31));
  }
}


/* works on sixteen pixels at a time, which are 'channels' squares of samples
** and rows */
INLINE void rows_of (const struct novita_row_block *b, const int channels) {
  const struct novita_filter_taps *c = b->c;
  const __m512i half = _mm512_set1_epi32(1 << c->shift >> 1);
  const __m128i shift = _mm_cvtsi32_si128(c->shift);
  int16_t *out = b->out;
  __m256i square[16 * 4];
  int i, k;
  transpose_rows(b, channels);
  memset(square, 0, sizeof square);
  for (i = 0; i < c->n; i += 16, out += 16 * channels) {
    for (k = 0; k < 16 && i + k < c->n; k++)
      sum_pixel(square + k * channels, b, i + k, half, shift, channels);
    NOVITA_UNROLL
    for (k = 0; k < channels; k++)
      transpose_back(out + 16 * k, b->out_stride, square + 16 * k);
  }
}


OUTER void horizontal (const struct novita_row_block *b) {
  switch (b->channels) {
    case 1: rows_of(b, 1); break;
    case 2: rows_of(b, 2); break;
    case 3: rows_of(b, 3); break;
    default: rows_of(b, 4); break;
  }
}

/* }====== */

/* sixteen words of a row; the result for alpha is meaningless */
INLINE __m256i unweigh (__m256i words, const int channels) {
  __m512 v = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(words));
  __m512 a = channels == 4 ? _mm512_permute_ps(v, 0xff)
                           : _mm512_movehdup_ps(v);
  __mmask16 above = _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ);
  a = _mm512_maskz_div_ps(above, _mm512_set1_ps(NOVITA_ONE), a);
  return _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(_mm512_mul_ps(v, a)));
}


OUTER void unweigh_words (int16_t *row, size_t n, int channels) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i one = _mm256_set1_epi16(NOVITA_ONE);
  const __mmask16 colours = channels == 4 ? 0x7777 : 0x5555;
  size_t i;
  for (i = 0; i < n; i += 16) {
    __m256i v = _mm256_loadu_si256((const void *)(row + i));
    __m256i w = channels == 4 ? unweigh(v, 4) : unweigh(v, 2);
    w = _mm256_min_epi16(_mm256_max_epi16(w, zero), one);
    _mm256_mask_storeu_epi16(row + i, colours, w);
  }
}


OUTER void narrow (uint8_t *out, const int16_t *in, size_t n) {
  const __m512i half = _mm512_set1_epi16(1 << NOVITA_FRACTION >> 1);
  size_t i;
  for (i = 0; i < n; i += 32) {
    __mmask32 have = n - i >= 32 ? ~0u : ~0u >> (32 - (n - i));
    __m512i v = _mm512_adds_epi16(_mm512_maskz_loadu_epi16(have, in + i),
                                  half);
    v = _mm512_max_epi16(_mm512_srai_epi16(v, NOVITA_FRACTION),
                         _mm512_setzero_si512());
    _mm256_mask_storeu_epi8(out + i, have, _mm512_cvtusepi16_epi8(v));
  }
}
