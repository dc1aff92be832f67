/*
** fdct_avx2.c: see fdct.h. A register has one row, or column, of two blocks,
** one in each half. As in idct_avx2.c, one instruction multiplies two pairs of
** 16-bit values and adds the products.
*/
#include "fdct.h"

#if defined(NOVITA_HAVE_X86)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))
#define FRACTION 13   /* fraction bits of the constants */
#define BETWEEN 2     /* fraction bits kept between the two passes */

/* the factors of a pair */
#define PAIR(a, b) \
  _mm256_set1_epi32((int)((uint32_t)(b) << 16 | ((a) & 0xffff)))

#define ADD _mm256_add_epi16
#define SUB _mm256_sub_epi16
#define MADD _mm256_madd_epi16
#define ADD32 _mm256_add_epi32


/* two 16-bit values in pairs: the lower four of each half, and the upper */
struct pairs {
  __m256i low, high;
};


AVX2 INLINE struct pairs pair (__m256i a, __m256i b) {
  struct pairs p = {_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
  return p;
}


AVX2 INLINE __m256i round_off (__m256i low, __m256i high, const int shift) {
  const __m256i half = _mm256_set1_epi32(1 << (shift - 1));
  return _mm256_packs_epi32(_mm256_srai_epi32(ADD32(low, half), shift),
                            _mm256_srai_epi32(ADD32(high, half), shift));
}


AVX2 INLINE __m256i one_sum (struct pairs p, __m256i by, const int shift) {
  return round_off(MADD(p.low, by), MADD(p.high, by), shift);
}


AVX2 INLINE __m256i two_sums (struct pairs p, __m256i p_by, struct pairs q,
                              __m256i q_by, const int shift) {
  return round_off(ADD32(MADD(p.low, p_by), MADD(q.low, q_by)),
                   ADD32(MADD(p.high, p_by), MADD(q.high, q_by)), shift);
}


/* Sixteen one-dimensional transforms in parallel. The first and the fifth
** result are sums without a factor; 'last' says how they are rounded. */
AVX2 INLINE void pass (__m256i *v, const int shift, const int last) {
  __m256i s0 = ADD(v[0], v[7]), d0 = SUB(v[0], v[7]);
  __m256i s1 = ADD(v[1], v[6]), d1 = SUB(v[1], v[6]);
  __m256i s2 = ADD(v[2], v[5]), d2 = SUB(v[2], v[5]);
  __m256i s3 = ADD(v[3], v[4]), d3 = SUB(v[3], v[4]);
  __m256i even0 = ADD(s0, s3), even3 = SUB(s0, s3);
  __m256i even1 = ADD(s1, s2), even2 = SUB(s1, s2);
  struct pairs even = pair(even2, even3);
  struct pairs outer = pair(d3, d0), inner = pair(d2, d1);
  v[0] = ADD(even0, even1);
  v[4] = SUB(even0, even1);
  if (last) {
    const __m256i half = _mm256_set1_epi16(1 << (BETWEEN - 1));
    v[0] = _mm256_srai_epi16(ADD(v[0], half), BETWEEN);
    v[4] = _mm256_srai_epi16(ADD(v[4], half), BETWEEN);
  } else {
    v[0] = _mm256_slli_epi16(v[0], BETWEEN);
    v[4] = _mm256_slli_epi16(v[4], BETWEEN);
  }
  v[2] = one_sum(even, PAIR(4433, 10703), shift);
  v[6] = one_sum(even, PAIR(-10704, 4433), shift);
  v[1] = two_sums(outer, PAIR(2260, 11363), inner, PAIR(6437, 9633), shift);
  v[3] = two_sums(outer, PAIR(-6436, 9633), inner, PAIR(-11362, -2259), shift);
  v[5] = two_sums(outer, PAIR(9633, 6437), inner, PAIR(2261, -11362), shift);
  v[7] = two_sums(outer, PAIR(-11363, 2260), inner, PAIR(9633, -6436), shift);
}


/* both halves alone */
AVX2 INLINE void transpose (__m256i *v) {
  __m256i a[8], b[8];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    a[i] = _mm256_unpacklo_epi16(v[i], v[i + 4]);
    a[i + 4] = _mm256_unpackhi_epi16(v[i], v[i + 4]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 8; i += 4) {
    b[i] = _mm256_unpacklo_epi16(a[i], a[i + 2]);
    b[i + 1] = _mm256_unpackhi_epi16(a[i], a[i + 2]);
    b[i + 2] = _mm256_unpacklo_epi16(a[i + 1], a[i + 3]);
    b[i + 3] = _mm256_unpackhi_epi16(a[i + 1], a[i + 3]);
  }
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    int from = (i & 1) | (i & 2) << 1;
    v[2 * i] = _mm256_unpacklo_epi16(b[from], b[from + 2]);
    v[2 * i + 1] = _mm256_unpackhi_epi16(b[from], b[from + 2]);
  }
}


AVX2 INLINE void load (__m256i *v, const uint8_t *const *rows, int x) {
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) __builtin_prefetch(rows[i] + x + 128);
  NOVITA_UNROLL
  for (i = 0; i < 8; i++)
    v[i] = SUB(_mm256_cvtepu8_epi16(_mm_loadu_si128(
                 (const __m128i *)(const void *)(rows[i] + x))),
               _mm256_set1_epi16(128));
}


#define AT(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))

AVX2 INLINE __m256i divide (__m256i v, const struct novita_fdct_divisors *c,
                            int row) {
  __m256i sum = ADD(_mm256_abs_epi16(v), AT(c->half[row]));
  __m256i part = _mm256_mulhi_epu16(sum, AT(c->reciprocal[row]));
  return _mm256_sign_epi16(_mm256_mulhi_epu16(part, AT(c->scale[row])), v);
}


/* One row of both blocks. */
AVX2 INLINE void save (struct novita_fdct_block *out, __m256i v, int row) {
  v = ADD(v, _mm256_srai_epi16(v, 15));
  _mm_storeu_si128((__m128i *)(void *)(out[0].value + 8 * row),
                   _mm256_castsi256_si128(v));
  _mm_storeu_si128((__m128i *)(void *)(out[1].value + 8 * row),
                   _mm256_extracti128_si256(v, 1));
}


/* 16 bits for two rows of each block */
AVX2 INLINE uint32_t find_used (__m256i a, __m256i b) {
  __m256i zero = _mm256_cmpeq_epi8(_mm256_packs_epi16(a, b),
                                   _mm256_setzero_si256());
  return ~(uint32_t)_mm256_movemask_epi8(zero);
}


AVX2 void novita_fdct_avx2 (struct novita_fdct_block *out,
                            const uint8_t *const rows[8], int x,
                            const struct novita_fdct_divisors *c) {
  __m256i v[8];
  int i;
  load(v, rows, x);
  transpose(v);
  pass(v, FRACTION - BETWEEN, 0);
  transpose(v);
  pass(v, FRACTION + BETWEEN, 1);
  out[0].used = out[1].used = 0;
  NOVITA_UNROLL
  for (i = 0; i < 8; i += 2) {
    __m256i a = divide(v[i], c, i), b = divide(v[i + 1], c, i + 1);
    uint64_t used = find_used(a, b);
    save(out, a, i);
    save(out, b, i + 1);
    out[0].used |= (used & 0xffff) << (8 * i);
    out[1].used |= used >> 16 << (8 * i);
  }
}

#else
typedef int novita_fdct_has_no_avx2;  /* a file must not be empty */
#endif
