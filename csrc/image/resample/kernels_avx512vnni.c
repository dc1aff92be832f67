/*
** kernels_avx512vnni.c: the inner loops for processors with AVX-512 VNNI (Ice
** Lake, Zen 4 and later). See kernels_avx512.h.
**
** vpdpbusd multiplies four unsigned bytes by four signed bytes. A weight is
** therefore split into 128 * high + low, where low has seven bits and no sign.
** Both sums are exact, and so is their combination.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_X86

#define TARGET "avx512f,avx512bw,avx512vl,avx512vnni"

#include "kernels_avx512.h"


INLINE __m512i dot_words (__m512i sum, __m512i a, __m512i b) {
  return _mm512_dpwssd_epi32(sum, a, b);
}


/* for each target row, the high parts of four weights, then the low parts */
static void pack (int16_t record[8]) {
  int8_t part[16];
  int k;
  NOVITA_UNROLL
  for (k = 0; k < 8; k++) {
    int at = k / 4 * 8 + k % 4, low = record[k] & 127;
    part[at] = (int8_t)((record[k] - low) / 128);
    part[at + 4] = (int8_t)low;
  }
  memcpy(record, part, sizeof part);
}


/* 32 columns: sums [0] and [1] are of the high parts for one target row, [2]
** and [3] of the low parts; the other four are for the other row */
INLINE void sum_block (__m512i sum[8], const void *const *group,
                       const int16_t *record, int groups, size_t x) {
  int i, k, part;
  for (k = 0; k < groups; k++, record += 8) {
    const uint8_t *p = (const uint8_t *)group[k] + 4 * x;
    NOVITA_UNROLL
    for (i = 0; i < 2; i++) {
      __m512i v = load(p + 64 * i);
      NOVITA_UNROLL
      for (part = 0; part < 4; part++)
        sum[2 * part + i] = _mm512_dpbusd_epi32(sum[2 * part + i], v,
                                                pair_at(record + 2 * part));
    }
  }
}


INLINE void vertical_block (int16_t *const out[2], const void *const *group,
                            const int16_t *record, int groups, size_t x,
                            __m512i half, __m128i shift) {
  const __m512i zero = _mm512_setzero_si512();
  __m512i sum[8] = {zero, zero, half, half, zero, zero, half, half};
  int i;
  sum_block(sum, group, record, groups, x);
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    const __m512i *s = sum + i / 2 * 4 + i % 2;
    store_words(out[i / 2] + x + 16 * (i % 2),
                _mm512_add_epi32(_mm512_slli_epi32(s[0], 7), s[2]), shift);
  }
}


OUTER void vertical (int16_t *const out[2], const void *const *group,
                     const int16_t *record, int groups, size_t n, int shift) {
  const __m512i half = _mm512_set1_epi32(1 << shift >> 1);
  size_t x;
  for (x = 0; x < n; x += 32)
    vertical_block(out, group, record, groups, x, half,
                   _mm_cvtsi32_si128(shift));
}


const struct novita_kernels novita_kernels_avx512vnni = {
  "avx512", gather, weigh_words, pack, vertical, vertical_words, horizontal,
  unweigh_words, narrow
};

#endif
