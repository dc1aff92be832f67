/*
** idct.c: see idct.h. Written once in vectors of eight 32-bit integers, which
** the compiler turns into whatever registers there are; built twice for x86.
** Pointers are passed, not vectors, so no calling convention is asked for.
*/
#include <string.h>

#include "idct.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")  /* -O2 would not; vectors stay put */
#define SIDE 8
#define FRACTION 13   /* bits of the constants */
#define BETWEEN 2     /* fraction bits kept between the two passes */

typedef int32_t eight __attribute__((vector_size(32)));
typedef int16_t eight16 __attribute__((vector_size(16)));
typedef uint8_t eight8 __attribute__((vector_size(8)));


/* inputs 0, 2, 4, 6: the sums that both halves of the outputs share */
INLINE void even_part (eight *t, const eight *v) {
  eight z = (v[2] + v[6]) * 4433;                 /* 0.541196100 */
  eight a = z - v[6] * 15137;                     /* 1.847759065 */
  eight b = z + v[2] * 6270;                      /* 0.765366865 */
  eight sum = (v[0] + v[4]) * (1 << FRACTION);
  eight difference = (v[0] - v[4]) * (1 << FRACTION);
  t[0] = sum + b;
  t[3] = sum - b;
  t[1] = difference + a;
  t[2] = difference - a;
}


/* inputs 1, 3, 5, 7: what is added to one half and taken from the other */
INLINE void odd_part (eight *t, const eight *v) {
  eight z1 = (v[7] + v[1]) * -7373;               /* 0.899976223 */
  eight z2 = (v[5] + v[3]) * -20995;              /* 2.562915447 */
  eight z5 = (v[7] + v[3] + v[5] + v[1]) * 9633;  /* 1.175875602 */
  eight z3 = (v[7] + v[3]) * -16069 + z5;         /* 1.961570560 */
  eight z4 = (v[5] + v[1]) * -3196 + z5;          /* 0.390180644 */
  t[3] = v[7] * 2446 + z1 + z3;                   /* 0.298631336 */
  t[2] = v[5] * 16819 + z2 + z4;                  /* 2.053119869 */
  t[1] = v[3] * 25172 + z2 + z3;                  /* 3.072711026 */
  t[0] = v[1] * 12299 + z1 + z4;                  /* 1.501321110 */
}


/* eight one-dimensional transforms, side by side; 'more' is added to each */
INLINE void pass (eight *v, const int shift, const int more) {
  eight even[4], odd[4];
  int i;
  even_part(even, v);
  odd_part(odd, v);
  UNROLL
  for (i = 0; i < 4; i++) {
    eight half = even[i] + ((more << shift) + (1 << (shift - 1)));
    v[i] = (half + odd[i]) >> shift;
    v[7 - i] = (half - odd[i]) >> shift;
  }
}


INLINE void transpose (eight *v) {
  eight a[SIDE], b[SIDE];
  int i;
  UNROLL
  for (i = 0; i < SIDE; i += 2) {
    a[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 1, 9, 3, 11, 5, 13, 7,
                                       15);
  }
  UNROLL
  for (i = 0; i < SIDE; i++) {
    int other = i ^ 2;
    if (i < other) {
      b[i] = __builtin_shufflevector(a[i], a[other], 0, 1, 8, 9, 4, 5, 12, 13);
      b[other] = __builtin_shufflevector(a[i], a[other], 2, 3, 10, 11, 6, 7,
                                         14, 15);
    }
  }
  UNROLL
  for (i = 0; i < 4; i++) {
    v[i] = __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    v[i + 4] = __builtin_shufflevector(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14,
                                       15);
  }
}


INLINE void load (eight *v, const int16_t *coef, const uint16_t *quant) {
  int i;
  UNROLL
  for (i = 0; i < SIDE; i++) {
    eight16 c, q;
    memcpy(&c, coef + SIDE * i, sizeof c);
    memcpy(&q, quant + SIDE * i, sizeof q);
    v[i] = __builtin_convertvector(c * q, eight);
  }
}


/* lanes are rows: they are turned back, and clamped */
INLINE void save (uint8_t *out, size_t stride, eight *v) {
  int i;
  transpose(v);
  for (i = 0; i < SIDE; i++, out += stride) {
    eight s = v[i], over = s > 255, under = s < 0;  /* all bits set: it is */
    eight8 bytes;
    s = (s & ~under & ~over) | (over & 255);
    bytes = __builtin_convertvector(s, eight8);
    memcpy(out, &bytes, sizeof bytes);
  }
}


void novita_idct_flat (uint8_t *out, size_t stride, int16_t coef,
                       uint16_t quant) {
  int i, mean = (int16_t)((unsigned)coef * quant);
  int s = ((mean + 4) >> 3) + 128;
  for (i = 0; i < SIDE; i++)
    memset(out + (size_t)i * stride, s < 0 ? 0 : s > 255 ? 255 : s, SIDE);
}


INLINE void transform (eight *v, const int16_t *coef, const uint16_t *quant) {
  load(v, coef, quant);
  pass(v, FRACTION - BETWEEN, 0);
  transpose(v);
  pass(v, FRACTION + BETWEEN + 3, 128);
}


static void idct_plain (uint8_t *out, size_t stride, const int16_t *coef,
                        const uint16_t *quant) {
  eight v[SIDE];
  transform(v, coef, quant);
  save(out, stride, v);
}


#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

/* four vectors of eight as 32 bytes, one vector behind the other, clamped */
AVX2 INLINE __m256i narrow (const eight *v) {
  __m256i a = _mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]);
  __m256i b = _mm256_packs_epi32((__m256i)v[2], (__m256i)v[3]);
  return _mm256_permutevar8x32_epi32(
    _mm256_packus_epi16(a, b), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}


AVX2 INLINE void save_two (uint8_t *out, size_t stride, __m128i rows) {
  _mm_storel_epi64((__m128i *)(void *)out, rows);
  _mm_storel_epi64((__m128i *)(void *)(out + stride),
                   _mm_unpackhi_epi64(rows, rows));
}


/* as 'save', but turned as bytes: a third of the shuffles */
AVX2 INLINE void save_avx2 (uint8_t *out, size_t stride, const eight *v) {
  __m256i low = narrow(v), high = narrow(v + 4);
  __m128i c01 = _mm256_castsi256_si128(low);
  __m128i c23 = _mm256_extracti128_si256(low, 1);
  __m128i c45 = _mm256_castsi256_si128(high);
  __m128i c67 = _mm256_extracti128_si256(high, 1);
  __m128i c04 = _mm_unpacklo_epi8(c01, c45), c15 = _mm_unpackhi_epi8(c01, c45);
  __m128i c26 = _mm_unpacklo_epi8(c23, c67), c37 = _mm_unpackhi_epi8(c23, c67);
  __m128i even0 = _mm_unpacklo_epi8(c04, c26);  /* 0 2 4 6 of rows 0 to 3 */
  __m128i even4 = _mm_unpackhi_epi8(c04, c26);
  __m128i odd0 = _mm_unpacklo_epi8(c15, c37);
  __m128i odd4 = _mm_unpackhi_epi8(c15, c37);
  save_two(out, stride, _mm_unpacklo_epi8(even0, odd0));
  save_two(out + 2 * stride, stride, _mm_unpackhi_epi8(even0, odd0));
  save_two(out + 4 * stride, stride, _mm_unpacklo_epi8(even4, odd4));
  save_two(out + 6 * stride, stride, _mm_unpackhi_epi8(even4, odd4));
}


AVX2 static void idct_avx2 (uint8_t *out, size_t stride, const int16_t *coef,
                            const uint16_t *quant) {
  eight v[SIDE];
  transform(v, coef, quant);
  save_avx2(out, stride, v);
}
#endif


novita_idct *novita_idct_choose (void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return idct_avx2;
#endif
  return idct_plain;
}
