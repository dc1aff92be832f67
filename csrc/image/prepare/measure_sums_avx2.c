/*
** measure_sums_avx2.c: the loops of measure_sums.h with AVX2. Plain C adds
** the pixels that do not fill a register.
*/
#include "measure_sums.h"

#ifdef NOVITA_HAVE_X86

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))


INLINE __m256i load (const uint8_t *p) {
  return _mm256_loadu_si256((const __m256i *)(const void *)p);
}


/* 16 pixels as words */
INLINE __m256i words (const uint8_t *p) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)p));
}


/* Adds the bytes of a register, eight at a time. */
INLINE __m256i add_bytes (__m256i sum, __m256i bytes) {
  return _mm256_add_epi64(sum, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
}


INLINE int64_t total (__m256i sum) {
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum),
                               _mm256_extracti128_si256(sum, 1));
  return _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
}


/* sums of 32 bits, with a sign */
INLINE int64_t total_words (__m256i sum) {
  __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum));
  __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1));
  return total(_mm256_add_epi64(low, high));
}


/* A comparison gives -1 for each pixel that counts: a byte counts to 255, more
** than the registers in a row. */
AVX2 static void add_levels (struct novita_measure_sums *s,
                             const uint8_t *row, int n) {
  const __m256i dark = _mm256_set1_epi8(NOVITA_MEASURE_DARK);
  const __m256i bright = _mm256_set1_epi8((char)NOVITA_MEASURE_BRIGHT);
  const __m256i zero = _mm256_setzero_si256();
  __m256i sum = zero, darks = zero, brights = zero;
  int x;
  for (x = 0; x + 32 <= n; x += 32) {
    __m256i v = load(row + x);
    sum = add_bytes(sum, v);
    darks = _mm256_sub_epi8(
      darks, _mm256_cmpeq_epi8(_mm256_min_epu8(v, dark), v));
    brights = _mm256_sub_epi8(
      brights, _mm256_cmpeq_epi8(_mm256_max_epu8(v, bright), v));
  }
  s->luma += total(sum);
  s->dark += total(add_bytes(zero, darks));
  s->bright += total(add_bytes(zero, brights));
  novita_measure_sums_scalar.add_levels(s, row + x, n - x);
}


AVX2 static void add_edges (struct novita_measure_sums *s,
                            const uint8_t *const line[3], int n) {
  const uint8_t *above = line[0], *here = line[1], *below = line[2];
  const uint8_t *rest[3];
  const __m256i one = _mm256_set1_epi16(1);
  __m256i edges = _mm256_setzero_si256(), squares = edges;
  int x;
  for (x = 0; x + 18 <= n; x += 16) {
    __m256i v = _mm256_add_epi16(words(above + x + 1), words(below + x + 1));
    __m256i w = _mm256_add_epi16(words(here + x), words(here + x + 2));
    v = _mm256_sub_epi16(_mm256_add_epi16(v, w),
                         _mm256_slli_epi16(words(here + x + 1), 2));
    edges = _mm256_add_epi32(edges, _mm256_madd_epi16(v, one));
    squares = _mm256_add_epi32(squares, _mm256_madd_epi16(v, v));
  }
  s->edges += total_words(edges);
  s->squares += total_words(squares);
  rest[0] = above + x;
  rest[1] = here + x;
  rest[2] = below + x;
  novita_measure_sums_scalar.add_edges(s, rest, n - x);
}


const struct novita_measure_sums_kernels novita_measure_sums_avx2 = {
  "avx2", add_levels, add_edges
};

#endif
