/*
** kernels_avx512.c: the inner loops for processors with AVX-512 but without
** VNNI (Skylake-X and its contemporaries). See kernels_avx512.h.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_X86

#define TARGET "avx512f,avx512bw,avx512vl"

#include "kernels_avx512.h"


INLINE __m512i dot_words (__m512i sum, __m512i a, __m512i b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}


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


/* 64 columns of two target rows */
INLINE void vertical_block (int16_t *const out[2], const void *const *group,
                            const int16_t *record, int groups, size_t x,
                            __m512i half, __m128i shift) {
  const __m512i even = _mm512_set1_epi16(0x00ff);
  __m512i sum[8];
  int i, k;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) sum[i] = half;
  for (k = 0; k < groups; k++, record += 8) {
    const uint8_t *p = (const uint8_t *)group[k] + 4 * x;
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) {
      __m512i v = load(p + 64 * i);
      __m512i e = _mm512_and_si512(v, even), o = _mm512_srli_epi16(v, 8);
      sum[i] = dot_words(sum[i], e, pair_at(record));
      sum[i] = dot_words(sum[i], o, pair_at(record + 2));
      sum[4 + i] = dot_words(sum[4 + i], e, pair_at(record + 4));
      sum[4 + i] = dot_words(sum[4 + i], o, pair_at(record + 6));
    }
  }
  NOVITA_UNROLL
  for (i = 0; i < 8; i++)
    store_words(out[i / 4] + x + 16 * (i % 4), sum[i], shift);
}


OUTER void vertical (int16_t *const out[2], const void *const *group,
                     const int16_t *record, int groups, size_t n, int shift) {
  const __m512i half = _mm512_set1_epi32(1 << shift >> 1);
  size_t x;
  for (x = 0; x < n; x += 64)
    vertical_block(out, group, record, groups, x, half,
                   _mm_cvtsi32_si128(shift));
}


const struct novita_kernels novita_kernels_avx512 = {
  "avx512", gather, weigh_words, pack, vertical, vertical_words, horizontal,
  unweigh_words, narrow
};

#endif
