/*
** kernels_avx2.c: the inner loops for processors with AVX2, through 'target'
** attributes: no build flag is needed, and nothing here runs on other
** processors.
**
** All sums use pmaddwd: two 16-bit samples times two weights, added to a 32-bit
** sum. The final packs saturate as the scalar clamps do.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_X86

#include <immintrin.h>
#include <string.h>

#include "kernels_x86.h"

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))
#define HALF (NOVITA_ROW_BLOCK / 2)  /* rows in a register */


INLINE __m256i load (const void *p) {
  return _mm256_loadu_si256(p);
}


INLINE void store (void *p, __m256i v) {
  _mm256_storeu_si256(p, v);
}

/* {====== gather */

INLINE __m256i twice (const void *p) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(p));
}


/* v / 255, rounded, of words up to 255 * 255 */
INLINE __m256i divide_255 (__m256i v) {
  v = _mm256_add_epi16(v, _mm256_set1_epi16(128));
  return _mm256_srli_epi16(_mm256_add_epi16(v, _mm256_srli_epi16(v, 8)), 8);
}


INLINE __m256i premultiply (__m256i v, const struct novita_alpha_layout *l) {
  const __m256i zero = _mm256_setzero_si256(), own = twice(l->own);
  __m256i low = _mm256_or_si256(_mm256_shuffle_epi8(v, twice(l->low)), own);
  __m256i high = _mm256_or_si256(_mm256_shuffle_epi8(v, twice(l->high)), own);
  low = _mm256_mullo_epi16(_mm256_unpacklo_epi8(v, zero), low);
  high = _mm256_mullo_epi16(_mm256_unpackhi_epi8(v, zero), high);
  return _mm256_packus_epi16(divide_255(low), divide_255(high));
}


/* If a block is opaque, as most are, there is nothing to multiply. */
INLINE void premultiply_block (__m256i row[4], const int channels) {
  const __m256i colours = channels == 4 ? _mm256_set1_epi32(0x00ffffff)
                                        : _mm256_set1_epi16(0x00ff);
  __m256i all = _mm256_and_si256(_mm256_and_si256(row[0], row[1]),
                                 _mm256_and_si256(row[2], row[3]));
  int k;
  if (_mm256_testc_si256(_mm256_or_si256(all, colours),
                         _mm256_set1_epi8(-1))) return;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++)
    row[k] = premultiply(row[k], &novita_alpha_layouts[channels == 4]);
}


/* 32 columns; unpacking works within halves, which are reordered at the end */
INLINE void interleave (uint8_t *group, const __m256i row[4]) {
  __m256i a = _mm256_unpacklo_epi8(row[0], row[1]);
  __m256i b = _mm256_unpackhi_epi8(row[0], row[1]);
  __m256i c = _mm256_unpacklo_epi8(row[2], row[3]);
  __m256i d = _mm256_unpackhi_epi8(row[2], row[3]);
  __m256i p = _mm256_unpacklo_epi16(a, c), q = _mm256_unpackhi_epi16(a, c);
  __m256i r = _mm256_unpacklo_epi16(b, d), s = _mm256_unpackhi_epi16(b, d);
  store(group, _mm256_permute2x128_si256(p, q, 0x20));
  store(group + 32, _mm256_permute2x128_si256(r, s, 0x20));
  store(group + 64, _mm256_permute2x128_si256(p, q, 0x31));
  store(group + 96, _mm256_permute2x128_si256(r, s, 0x31));
}


INLINE void gather_block (uint8_t *group, const uint8_t *const row[4],
                          size_t x, const int alpha) {
  __m256i v[4];
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++) {
    _mm_prefetch((const char *)row[k] + x + NOVITA_AHEAD, _MM_HINT_T0);
    v[k] = load(row[k] + x);
  }
  if (alpha != 0) premultiply_block(v, alpha);
  interleave(group + 4 * x, v);
}


/* the last columns, which do not fill a block, are copied to a full one */
INLINE void gather_rest (uint8_t *group, const uint8_t *const row[4],
                         size_t x, size_t n, const int alpha) {
  uint8_t copy[4][32] = {{0}};
  const uint8_t *p[4];
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 4; k++) p[k] = memcpy(copy[k], row[k] + x, n - x);
  gather_block(group + 4 * x, p, 0, alpha);
}


INLINE void gather_of (uint8_t *group, const uint8_t *const row[4], size_t n,
                       const int alpha) {
  size_t x;
  for (x = 0; x + 32 <= n; x += 32) gather_block(group, row, x, alpha);
  if (x < n) gather_rest(group, row, x, n, alpha);
}


AVX2 static void gather (uint8_t *group, const uint8_t *const row[4],
                         size_t n, int alpha) {
  if (alpha == 0) gather_of(group, row, n, 0);
  else if (alpha == 2) gather_of(group, row, n, 2);
  else gather_of(group, row, n, 4);
}


/* the four words of a colour are adjacent, and so are those of its alpha */
INLINE __m256i weigh (__m256i v, __m256i alpha) {
  return _mm256_mulhrs_epi16(v, _mm256_add_epi16(_mm256_slli_epi16(alpha, 1),
                                                 _mm256_srli_epi16(alpha, 7)));
}


AVX2 static void weigh_words (int16_t *group, size_t n, int channels) {
  size_t i;
  for (i = 0; i < n * 4; i += 16) {
    __m256i v = load(group + i), w;
    if (channels == 4)
      w = _mm256_blend_epi32(weigh(v, _mm256_permute4x64_epi64(v, 0xff)), v,
                             0xc0);
    else
      w = _mm256_blend_epi32(weigh(v, _mm256_shuffle_epi32(v, 0xee)), v, 0xcc);
    store(group + i, w);
  }
}

/* }====== */

/* {====== vertical */

/* Rows 0 and 2 first, then rows 1 and 3: the order of the even and the odd
** bytes of a group. */
static void pack (int16_t record[8]) {
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 8; k += 4) {
    int16_t swap = record[k + 1];
    record[k + 1] = record[k + 2];
    record[k + 2] = swap;
  }
}


INLINE __m256i pair_at (const int16_t *weight) {
  int32_t pair;
  memcpy(&pair, weight, sizeof pair);
  return _mm256_set1_epi32(pair);
}


INLINE __m256i add_product (__m256i sum, __m256i a, __m256i b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}


/* stores the sums of 16 columns in order: packs work within halves */
INLINE void store_words (int16_t *out, __m256i a, __m256i b, __m128i shift) {
  __m256i v = _mm256_packs_epi32(_mm256_sra_epi32(a, shift),
                                 _mm256_sra_epi32(b, shift));
  store(out, _mm256_permute4x64_epi64(v, 0xd8));
}


/* 16 columns of two target rows */
INLINE void vertical_block (int16_t *const out[2], const void *const *group,
                            const int16_t *record, int groups, size_t x,
                            __m256i half, __m128i shift) {
  const __m256i even = _mm256_set1_epi16(0x00ff);
  __m256i a0 = half, a1 = half, b0 = half, b1 = half;
  int k;
  for (k = 0; k < groups; k++, record += 8) {
    const uint8_t *p = (const uint8_t *)group[k] + 4 * x;
    __m256i v0 = load(p), v1 = load(p + 32);
    __m256i e0 = _mm256_and_si256(v0, even), o0 = _mm256_srli_epi16(v0, 8);
    __m256i e1 = _mm256_and_si256(v1, even), o1 = _mm256_srli_epi16(v1, 8);
    __m256i w = pair_at(record);
    a0 = add_product(a0, e0, w);
    a1 = add_product(a1, e1, w);
    w = pair_at(record + 2);
    a0 = add_product(a0, o0, w);
    a1 = add_product(a1, o1, w);
    w = pair_at(record + 4);
    b0 = add_product(b0, e0, w);
    b1 = add_product(b1, e1, w);
    w = pair_at(record + 6);
    b0 = add_product(b0, o0, w);
    b1 = add_product(b1, o1, w);
  }
  store_words(out[0] + x, a0, a1, shift);
  store_words(out[1] + x, b0, b1, shift);
}


AVX2 static void vertical (int16_t *const out[2], const void *const *group,
                           const int16_t *record, int groups, size_t n,
                           int shift) {
  const __m256i half = _mm256_set1_epi32(1 << shift >> 1);
  size_t x;
  for (x = 0; x < n; x += 16)
    vertical_block(out, group, record, groups, x, half,
                   _mm_cvtsi32_si128(shift));
}


INLINE __m256i four_at (const int16_t *weight) {
  int64_t four;
  memcpy(&four, weight, sizeof four);
  return _mm256_set1_epi64x(four);
}


/* Adds the two adjacent sums of each column; returns eight columns in order. */
INLINE __m256i add_neighbours (__m256i a, __m256i b, __m256i half) {
  __m256i v = _mm256_hadd_epi32(a, b);  /* columns 0 1 4 5, 2 3 6 7 */
  return _mm256_add_epi32(_mm256_permute4x64_epi64(v, 0xd8), half);
}


/* 16 columns of two target rows: sums [0] to [3] are of the first row, the
** others of the second */
INLINE void words_block (int16_t *const out[2], const void *const *group,
                         const int16_t *record, int groups, size_t x,
                         __m256i half, __m128i shift) {
  __m256i sum[8];
  int i, k;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) sum[i] = _mm256_setzero_si256();
  for (k = 0; k < groups; k++, record += 8) {
    const int16_t *p = (const int16_t *)group[k] + 4 * x;
    __m256i a = four_at(record), b = four_at(record + 4);
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) {
      __m256i v = load(p + 16 * i);
      sum[i] = add_product(sum[i], v, a);
      sum[4 + i] = add_product(sum[4 + i], v, b);
    }
  }
  NOVITA_UNROLL
  for (i = 0; i < 2; i++)
    store_words(out[i] + x, add_neighbours(sum[4 * i], sum[4 * i + 1], half),
                add_neighbours(sum[4 * i + 2], sum[4 * i + 3], half), shift);
}


AVX2 static void vertical_words (int16_t *const out[2],
                                 const void *const *group,
                                 const int16_t *record, int groups, size_t n,
                                 int shift) {
  const __m256i half = _mm256_set1_epi32(1 << shift >> 1);
  size_t x;
  for (x = 0; x < n; x += 16)
    words_block(out, group, record, groups, x, half,
                _mm_cvtsi32_si128(shift));
}

/* }====== */

/* {====== horizontal
** Rows are transposed: a register holds one channel of two neighbouring pixels
** of eight rows, and the register after it the same of the other eight. A
** target sample of sixteen rows is then two chains of products, with the same
** pairs of weights.
*/

/* How pixels with a given number of channels lie in a register: it takes 'step'
** samples, 'spread' moves whole pixels into the halves, and 'shuffle' puts the
** same channel of two neighbours side by side. */
struct layout {
  int step, columns;   /* samples taken; pairs in a half */
  int32_t spread[8];
  int8_t shuffle[16];
};

#define PAIR(a, b) 2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1
#define NONE -1, -1, -1, -1
#define WHOLE {0, 1, 2, 3, 4, 5, 6, 7}

static const struct layout layouts[] = {
  {16, 4, WHOLE, {PAIR(0, 1), PAIR(2, 3), PAIR(4, 5), PAIR(6, 7)}},
  {16, 4, WHOLE, {PAIR(0, 2), PAIR(1, 3), PAIR(4, 6), PAIR(5, 7)}},
  {12, 3, {0, 1, 2, 2, 3, 4, 5, 5}, {PAIR(0, 3), PAIR(1, 4), PAIR(2, 5), NONE}},
  {16, 4, WHOLE, {PAIR(0, 4), PAIR(1, 5), PAIR(2, 6), PAIR(3, 7)}}
};


/* Four columns of each half of eight rows: column j of the lower half goes to
** transposed[2 * j], of the upper half to transposed[2 * (columns + j)]. */
INLINE void transpose (__m256i *transposed, const __m256i v[HALF],
                       const int columns) {
  __m256i a[HALF], b[HALF];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < HALF; i += 2) {
    a[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    a[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
  NOVITA_UNROLL
  for (i = 0; i < HALF; i += 4) {
    b[i] = _mm256_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm256_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm256_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm256_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  NOVITA_UNROLL
  for (i = 0; i < columns; i++) {
    store(transposed + 2 * i, _mm256_permute2x128_si256(b[i], b[4 + i], 0x20));
    store(transposed + 2 * (columns + i),
          _mm256_permute2x128_si256(b[i], b[4 + i], 0x31));
  }
}


/* half of the rows */
INLINE void transpose_rows (const struct novita_row_block *b, int half,
                            const int channels) {
  const struct layout *l = &layouts[channels - 1];
  const int columns = channels == 3 ? 3 : 4;
  const __m256i spread = load(l->spread), shuffle = twice(l->shuffle);
  const int16_t *in = b->in + (size_t)(half * HALF) * b->in_stride;
  __m256i *transposed = (__m256i *)b->scratch + half;
  int x, i, n = b->pixels * channels;
  for (x = 0; x < n; x += l->step, transposed += 4 * columns) {
    __m256i v[HALF];
    NOVITA_UNROLL
    for (i = 0; i < HALF; i++) {
      v[i] = load(in + (size_t)i * b->in_stride + x);
      if (channels == 3) v[i] = _mm256_permutevar8x32_epi32(v[i], spread);
      if (channels > 1) v[i] = _mm256_shuffle_epi8(v[i], shuffle);
    }
    transpose(transposed, v, columns);
  }
}


/* The rows of one target pixel, in the order of packs: 0 to 3, 8 to 11, 4 to 7,
** 12 to 15. In 'out', the rows of each sample are adjacent. */
INLINE void sum_pixel (__m256i *out, const struct novita_row_block *b, int i,
                       __m256i half, __m128i shift, const int channels) {
  const struct novita_filter_taps *c = b->c;
  const int16_t *weight = c->weight + (size_t)i * (size_t)c->stride;
  const __m256i *p = (const __m256i *)b->scratch +
                     (ptrdiff_t)(c->first[i] - b->origin) * channels;
  __m256i sum[8] = {half, half, half, half, half, half, half, half};
  int k, s, n = c->count[i];
  for (k = 0; k < n; k += 2, p += 2 * channels) {
    __m256i w = pair_at(weight + k);
    NOVITA_UNROLL
    for (s = 0; s < 2 * channels; s++)
      sum[s] = add_product(sum[s], load(p + s), w);
  }
  NOVITA_UNROLL
  for (s = 0; s < channels; s++)
    out[s] = _mm256_packs_epi32(_mm256_sra_epi32(sum[2 * s], shift),
                                _mm256_sra_epi32(sum[2 * s + 1], shift));
}


INLINE void store_two (int16_t *out, size_t stride, __m256i rows) {
  _mm_storeu_si128((void *)out, _mm256_castsi256_si128(rows));
  _mm_storeu_si128((void *)(out + 4 * stride),
                   _mm256_extracti128_si256(rows, 1));
}


/* transposes eight samples of sixteen rows back to rows */
INLINE void transpose_back (int16_t *out, size_t stride, const __m256i v[8]) {
  __m256i a[8], b[8];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    a[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 2; i++) {  /* two rows of four samples in each half */
    b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {  /* rows 0 and 1, 2 and 3, 8 and 9, 10 and 11 */
    int16_t *p = out + (size_t)(i < 2 ? 2 * i : 2 * i + 4) * stride;
    store_two(p, stride, _mm256_unpacklo_epi64(b[i], b[4 + i]));
    store_two(p + stride, stride, _mm256_unpackhi_epi64(b[i], b[4 + i]));
  }
}


/* Works on eight pixels at a time, which are 'channels' times eight samples of
** sixteen rows. */
INLINE void rows_of (const struct novita_row_block *b, const int channels) {
  const struct novita_filter_taps *c = b->c;
  const __m256i half = _mm256_set1_epi32(1 << c->shift >> 1);
  const __m128i shift = _mm_cvtsi32_si128(c->shift);
  int16_t *out = b->out;
  __m256i samples[8 * 4];
  int i, k;
  transpose_rows(b, 0, channels);
  transpose_rows(b, 1, channels);
  memset(samples, 0, sizeof samples);
  for (i = 0; i < c->n; i += 8, out += 8 * channels) {
    for (k = 0; k < 8 && i + k < c->n; k++)
      sum_pixel(samples + k * channels, b, i + k, half, shift, channels);
    NOVITA_UNROLL
    for (k = 0; k < channels; k++)
      transpose_back(out + 8 * k, b->out_stride, samples + 8 * k);
  }
}


AVX2 static void horizontal (const struct novita_row_block *b) {
  switch (b->channels) {
    case 1: rows_of(b, 1); break;
    case 2: rows_of(b, 2); break;
    case 3: rows_of(b, 3); break;
    default: rows_of(b, 4); break;
  }
}

/* }====== */

/* eight words of a row; the result for alpha is meaningless */
INLINE __m256i unweigh (__m128i words, const int channels) {
  __m256 v = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(words));
  __m256 a = channels == 4 ? _mm256_permute_ps(v, 0xff)
                           : _mm256_movehdup_ps(v);
  __m256 above = _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ);
  a = _mm256_and_ps(_mm256_div_ps(_mm256_set1_ps(NOVITA_ONE), a), above);
  return _mm256_cvtps_epi32(_mm256_mul_ps(v, a));
}


INLINE void unweigh_row (int16_t *row, size_t n, const int channels) {
  size_t i;
  for (i = 0; i < n; i += 16) {
    __m256i v = load(row + i);
    __m256i w = _mm256_packs_epi32(
      unweigh(_mm256_castsi256_si128(v), channels),
      unweigh(_mm256_extracti128_si256(v, 1), channels));
    w = _mm256_max_epi16(_mm256_permute4x64_epi64(w, 0xd8),
                         _mm256_setzero_si256());
    w = _mm256_min_epi16(w, _mm256_set1_epi16(NOVITA_ONE));
    store(row + i, channels == 4 ? _mm256_blend_epi16(w, v, 0x88)
                                 : _mm256_blend_epi16(w, v, 0xaa));
  }
}


AVX2 static void unweigh_words (int16_t *row, size_t n, int channels) {
  if (channels == 4) unweigh_row(row, n, 4);
  else unweigh_row(row, n, 2);
}


AVX2 static void narrow (uint8_t *out, const int16_t *in, size_t n) {
  const __m256i half = _mm256_set1_epi16(1 << NOVITA_FRACTION >> 1);
  size_t i;
  for (i = 0; i + 32 <= n; i += 32) {
    __m256i a = _mm256_adds_epi16(load(in + i), half);
    __m256i b = _mm256_adds_epi16(load(in + i + 16), half);
    a = _mm256_packus_epi16(_mm256_srai_epi16(a, NOVITA_FRACTION),
                            _mm256_srai_epi16(b, NOVITA_FRACTION));
    store(out + i, _mm256_permute4x64_epi64(a, 0xd8));
  }
  novita_kernels_scalar.narrow(out + i, in + i, n - i);
}


const struct novita_kernels novita_kernels_avx2 = {
  "avx2", gather, weigh_words, pack, vertical, vertical_words, horizontal,
  unweigh_words, narrow
};

#endif
