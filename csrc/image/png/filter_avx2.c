/*
** filter_avx2.c: the filters of filter.c with AVX2, 32 bytes at a time, bit for
** bit the same.
*/
#include "filter.h"

#if defined(NOVITA_HAVE_X86)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))
#define STEP 32
#define TILE 64  /* as in filter.c: how far the last zeros count */

#define ADD _mm256_adds_epu8
#define LESS _mm256_subs_epu8
#define LEAST _mm256_min_epu8
#define OR _mm256_or_si256


AVX2 INLINE __m256i load (const uint8_t *p) {
  return _mm256_loadu_si256((const __m256i *)(const void *)p);
}


/* Saves differences, and returns the four sums with their absolute values. */
AVX2 INLINE __m256i put (uint8_t *out, __m256i d, __m256i sums) {
  _mm256_storeu_si256((__m256i *)(void *)out, d);
  return _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_abs_epi8(d),
                                                _mm256_setzero_si256()));
}


/* rounded down; the instruction rounds up */
AVX2 INLINE __m256i average (__m256i a, __m256i b) {
  __m256i odd = _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_set1_epi8(1));
  return _mm256_sub_epi8(_mm256_avg_epu8(a, b), odd);
}


AVX2 INLINE __m256i is_at_most (__m256i a, __m256i b) {
  return _mm256_cmpeq_epi8(LEAST(a, b), a);
}


/* The neighbour nearest to a + b - c. Its distance from c is the sum of two
** differences. If both have the same sign, the sum may not fit in a byte, but
** then a or b is nearer in any case. */
AVX2 INLINE __m256i paeth (__m256i a, __m256i b, __m256i c) {
  __m256i b_over = LESS(b, c), b_under = LESS(c, b);
  __m256i a_over = LESS(a, c), a_under = LESS(c, a);
  __m256i over = ADD(a_over, b_over), under = ADD(a_under, b_under);
  __m256i to_a = OR(b_over, b_under), to_b = OR(a_over, a_under);
  __m256i to_c = OR(LESS(over, under), LESS(under, over));
  __m256i other = _mm256_blendv_epi8(c, b, is_at_most(to_b, to_c));
  return _mm256_blendv_epi8(other, a, is_at_most(to_a, LEAST(to_b, to_c)));
}


AVX2 INLINE unsigned add_up (__m256i sums) {
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sums),
                              _mm256_extracti128_si256(sums, 1));
  return (unsigned)(_mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1));
}


AVX2 void novita_png_filter_avx2 (const struct novita_png_filter *f,
                                  unsigned sum[4]) {
  __m256i s[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(),
                  _mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t x, n = (f->n + TILE - 1) / TILE * TILE;
  int i;
  for (x = 0; x < n; x += STEP) {
    __m256i at = load(f->row + x), left = load(f->row + x - f->step);
    __m256i up = load(f->above + x), corner = load(f->above + x - f->step);
    s[0] = put(f->tried[0] + 1 + x, _mm256_sub_epi8(at, left), s[0]);
    s[1] = put(f->tried[1] + 1 + x, _mm256_sub_epi8(at, up), s[1]);
    s[2] = put(f->tried[2] + 1 + x, _mm256_sub_epi8(at, average(left, up)),
               s[2]);
    s[3] = put(f->tried[3] + 1 + x,
               _mm256_sub_epi8(at, paeth(left, up, corner)), s[3]);
  }
  for (i = 0; i < 4; i++) sum[i] = add_up(s[i]);
}

#else
typedef int novita_png_filter_has_no_avx2;  /* a file must not be empty */
#endif
