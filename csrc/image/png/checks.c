/*
** checks.c: see checks.h
*/
#include <zlib.h>

#include "../../base/cpu.h"
#include "checks.h"

#if defined(NOVITA_HAVE_X86)
#include <immintrin.h>

/* {====== Adler-32 ====== */
#define AVX2 __attribute__((target("avx2")))
#define PRIME 65521
#define STEP 32
#define MOST 5504   /* bytes before 32 bits would overflow: zlib's 5552, in
                    ** steps */


AVX2 static uint32_t add_lanes (__m256i v) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v),
                               _mm256_extracti128_si256(v, 1));
  __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  return (uint32_t)_mm_cvtsi128_si32(
    _mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}


/* The second sum gets each byte once for itself and once for each after it: 32
** times the bytes before a step, and 32 to 1 times those in it. */
AVX2 static uint32_t add_adler (uint32_t sum, const uint8_t *p, size_t n) {
  const __m256i times = _mm256_setr_epi8(
    32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14,
    13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
  __m256i before = _mm256_setzero_si256(), one = before, two = before;
  uint32_t low = sum & 0xffff, high = sum >> 16;
  const uint8_t *end = p + n;
  for (; p < end; p += STEP) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    before = _mm256_add_epi32(before, one);
    one = _mm256_add_epi32(one, _mm256_sad_epu8(v, _mm256_setzero_si256()));
    v = _mm256_madd_epi16(_mm256_maddubs_epi16(v, times),
                          _mm256_set1_epi16(1));
    two = _mm256_add_epi32(two, v);
  }
  high += (uint32_t)n * low % PRIME + add_lanes(two) % PRIME;
  high += (uint32_t)((uint64_t)add_lanes(before) * STEP % PRIME);
  low += add_lanes(one);
  return high % PRIME << 16 | low % PRIME;
}
/* }====== */


/* {====== CRC-32 ====== */
#define CLMUL __attribute__((target("pclmul,sse4.1")))
#define FOUR 64     /* bytes that are multiplied at once */


CLMUL static __m128i load (const uint8_t *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}


/* Moves 16 bytes up to where 'more' is, and adds it. 'by' has x to the power of
** that distance plus and minus 32 bits, modulo the polynomial. */
CLMUL static __m128i fold (__m128i v, __m128i by, __m128i more) {
  __m128i low = _mm_clmulepi64_si128(v, by, 0x00);
  __m128i high = _mm_clmulepi64_si128(v, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), more);
}


/* Leaves 16 bytes with the same remainder, and zlib divides those. 'n' is a
** multiple of 64. */
CLMUL static uint32_t add_crc (uint32_t sum, const uint8_t *p, size_t n) {
  const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
  const __m128i by16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  uint8_t rest[16];
  __m128i v[4];
  int i;
  for (i = 0; i < 4; i++) v[i] = load(p + 16 * i);
  v[0] = _mm_xor_si128(v[0], _mm_cvtsi32_si128((int)~sum));
  for (p += FOUR, n -= FOUR; n > 0; p += FOUR, n -= FOUR) {
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) v[i] = fold(v[i], by64, load(p + 16 * i));
  }
  for (i = 1; i < 4; i++) v[i] = fold(v[i - 1], by16, v[i]);
  _mm_storeu_si128((__m128i *)(void *)rest, v[3]);
  return (uint32_t)crc32_z(0xffffffff, rest, sizeof rest);
}
/* }====== */
#endif


uint32_t novita_png_checks_adler (uint32_t sum, const uint8_t *p, size_t n) {
#if defined(NOVITA_HAVE_X86)
  bool fast = novita_cpu_simd() != NOVITA_CPU_SCALAR;
  while (fast && n >= STEP) {
    size_t some = n < MOST ? n / STEP * STEP : MOST;
    sum = add_adler(sum, p, some);
    p += some;
    n -= some;
  }
#endif
  return (uint32_t)adler32_z(sum, p, n);
}


uint32_t novita_png_checks_crc (uint32_t sum, const uint8_t *p, size_t n) {
#if defined(NOVITA_HAVE_X86)
  if (n >= FOUR && novita_cpu_simd() != NOVITA_CPU_SCALAR &&
      __builtin_cpu_supports("pclmul")) {
    size_t some = n / FOUR * FOUR;
    sum = add_crc(sum, p, some);
    p += some;
    n -= some;
  }
#endif
  return n > 0 ? (uint32_t)crc32_z(sum, p, n) : sum;
}
