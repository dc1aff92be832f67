/*
** idct_avx2.c: the inverse DCT of idct.h with AVX2. One instruction multiplies
** two pairs of 16-bit values and adds the products. So samples are kept in
** pairs (0 and 4, 1 and 5, ...), eight pairs per register.
*/
#include "idct.h"

#if defined(NOVITA_HAVE_X86)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))
#define FRACTION 13   /* fraction bits of the constants */
#define BETWEEN 2     /* fraction bits kept between the two passes */

/* the factors of a pair */
#define PAIR(a, b) \
  _mm256_set1_epi32((int)((uint32_t)(b) << 16 | ((a) & 0xffff)))


/* samples 0, 2, 4, 6: the sums shared by both halves of the outputs, with
** 'more' added to each */
AVX2 INLINE void even_part (__m256i *t, const __m256i *v, __m256i more) {
  __m256i sum = _mm256_madd_epi16(v[0], PAIR(8192, 8192));
  __m256i difference = _mm256_madd_epi16(v[0], PAIR(8192, -8192));
  __m256i a = _mm256_madd_epi16(v[2], PAIR(4433, -10704));
  __m256i b = _mm256_madd_epi16(v[2], PAIR(10703, 4433));
  sum = _mm256_add_epi32(sum, more);
  difference = _mm256_add_epi32(difference, more);
  t[0] = _mm256_add_epi32(sum, b);
  t[3] = _mm256_sub_epi32(sum, b);
  t[1] = _mm256_add_epi32(difference, a);
  t[2] = _mm256_sub_epi32(difference, a);
}


AVX2 INLINE __m256i add_up (const __m256i *v, __m256i weights15,
                            __m256i weights37) {
  return _mm256_add_epi32(_mm256_madd_epi16(v[1], weights15),
                          _mm256_madd_epi16(v[3], weights37));
}


/* samples 1, 3, 5, 7: added to one half and subtracted from the other. The
** factors are those of idct.c, multiplied out. */
AVX2 INLINE void odd_part (__m256i *t, const __m256i *v) {
  t[0] = add_up(v, PAIR(11363, 6437), PAIR(9633, 2260));
  t[1] = add_up(v, PAIR(9633, -11362), PAIR(-2259, -6436));
  t[2] = add_up(v, PAIR(6437, 2261), PAIR(-11362, 9633));
  t[3] = add_up(v, PAIR(2260, 9633), PAIR(-6436, -11363));
}


/* eight one-dimensional transforms in parallel: from pairs to single values */
AVX2 INLINE void pass (__m256i *out, const __m256i *v, const int shift,
                       const int more) {
  __m256i even[4], odd[4];
  int i;
  even_part(even, v, _mm256_set1_epi32((more << shift) + (1 << (shift - 1))));
  odd_part(odd, v);
  NOVITA_UNROLL
  for (i = 0; i < 4; i++) {
    out[i] = _mm256_srai_epi32(_mm256_add_epi32(even[i], odd[i]), shift);
    out[7 - i] = _mm256_srai_epi32(_mm256_sub_epi32(even[i], odd[i]), shift);
  }
}


AVX2 INLINE void load (__m256i *v, const int16_t *coef, const uint16_t *quant) {
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 4; i++)
    v[i] = _mm256_mullo_epi16(
      _mm256_loadu_si256((const __m256i *)(const void *)(coef + 16 * i)),
      _mm256_loadu_si256((const __m256i *)(const void *)(quant + 16 * i)));
}


/* every second pair of two registers, odd or even */
#define PICK(a, b, odd) _mm256_castps_si256(_mm256_shuffle_ps( \
  _mm256_castsi256_ps(a), _mm256_castsi256_ps(b), (odd) ? 0xdd : 0x88))

/* Converts rows of columns 0 4 1 5 | 2 6 3 7 to pairs of columns of rows 0 to
** 7. */
AVX2 INLINE void transpose (__m256i *v, const __m256i *row) {
  __m256i a = _mm256_packs_epi32(row[0], row[1]);
  __m256i b = _mm256_packs_epi32(row[2], row[3]);
  __m256i c = _mm256_packs_epi32(row[4], row[5]);
  __m256i d = _mm256_packs_epi32(row[6], row[7]);
  __m256i even03 = PICK(a, b, 0), odd03 = PICK(a, b, 1);
  __m256i even47 = PICK(c, d, 0), odd47 = PICK(c, d, 1);
  v[0] = _mm256_permute2x128_si256(even03, even47, 0x20);
  v[1] = _mm256_permute2x128_si256(odd03, odd47, 0x20);
  v[2] = _mm256_permute2x128_si256(even03, even47, 0x31);
  v[3] = _mm256_permute2x128_si256(odd03, odd47, 0x31);
}


/* clamps four columns of rows 0 to 7: 0 to 3 in one half and 4 to 7 in the
** other, four bytes per row */
AVX2 INLINE __m256i narrow (const __m256i *column) {
  const __m256i order = _mm256_broadcastsi128_si256(_mm_setr_epi8(
    0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  __m256i a = _mm256_packs_epi32(column[0], column[1]);
  __m256i b = _mm256_packs_epi32(column[2], column[3]);
  return _mm256_shuffle_epi8(_mm256_packus_epi16(a, b), order);
}


AVX2 INLINE void save_two (uint8_t *out, size_t stride, __m128i rows) {
  _mm_storel_epi64((__m128i *)(void *)out, rows);
  _mm_storeh_pd((double *)(void *)(out + stride), _mm_castsi128_pd(rows));
}


AVX2 INLINE void save (uint8_t *out, size_t stride, const __m256i *column) {
  __m256i left = narrow(column), right = narrow(column + 4);
  __m256i rows0145 = _mm256_unpacklo_epi32(left, right);
  __m256i rows2367 = _mm256_unpackhi_epi32(left, right);
  save_two(out, stride, _mm256_castsi256_si128(rows0145));
  save_two(out + 2 * stride, stride, _mm256_castsi256_si128(rows2367));
  save_two(out + 4 * stride, stride, _mm256_extracti128_si256(rows0145, 1));
  save_two(out + 6 * stride, stride, _mm256_extracti128_si256(rows2367, 1));
}


AVX2 void novita_idct_avx2 (uint8_t *out, size_t stride, const int16_t *coef,
                            const uint16_t *quant) {
  __m256i pairs[4], single[8];
  load(pairs, coef, quant);
  pass(single, pairs, FRACTION - BETWEEN, 0);
  transpose(pairs, single);
  pass(single, pairs, FRACTION + BETWEEN + 3, 128);
  save(out, stride, single);
}


/* {====== to 4 x 4: see idct_reduced.c */

/* pairs of rows to four rows of columns 0 4 1 5 | 2 6 3 7 */
AVX2 INLINE void reduce_columns (__m256i *row, const __m256i *v) {
  const int shift = FRACTION - BETWEEN + 1;
  __m256i first = _mm256_madd_epi16(v[0], PAIR(16384, 0));
  __m256i even = _mm256_madd_epi16(v[2], PAIR(15137, -6270));
  __m256i a = add_up(v, PAIR(20995, -4926), PAIR(7373, -4176));
  __m256i b = add_up(v, PAIR(8697, 11893), PAIR(-17799, -1730));
  __m256i sum, difference;
  first = _mm256_add_epi32(first, _mm256_set1_epi32(1 << (shift - 1)));
  sum = _mm256_add_epi32(first, even);
  difference = _mm256_sub_epi32(first, even);
  row[0] = _mm256_srai_epi32(_mm256_add_epi32(sum, a), shift);
  row[1] = _mm256_srai_epi32(_mm256_add_epi32(difference, b), shift);
  row[2] = _mm256_srai_epi32(_mm256_sub_epi32(difference, b), shift);
  row[3] = _mm256_srai_epi32(_mm256_sub_epi32(sum, a), shift);
}


/* the factors of a pair in each half */
#define HALVES(a, b, c, d) _mm256_set_m128i( \
  _mm256_castsi256_si128(PAIR(c, d)), _mm256_castsi256_si128(PAIR(a, b)))

AVX2 INLINE __m128i low (__m256i v) {
  return _mm256_castsi256_si128(v);
}


AVX2 INLINE __m128i high (__m256i v) {
  return _mm256_extracti128_si256(v, 1);
}


AVX2 INLINE __m128i add_halves (__m256i v) {
  return _mm_add_epi32(low(v), high(v));
}


/* Four columns of four samples each. In 'even', the halves have columns 0 4 and
** 2 6 of each row; in 'odd', 1 5 and 3 7. */
AVX2 INLINE void reduce_rows (__m128i *column, __m256i even, __m256i odd) {
  const int shift = FRACTION + BETWEEN + 3 + 1;
  __m256i first = _mm256_madd_epi16(even, HALVES(16384, 0, 15137, -6270));
  __m128i a = add_halves(_mm256_madd_epi16(odd, HALVES(20995, -4926, 7373,
                                                       -4176)));
  __m128i b = add_halves(_mm256_madd_epi16(odd, HALVES(8697, 11893, -17799,
                                                       -1730)));
  __m128i more = _mm_set1_epi32((128 << shift) + (1 << (shift - 1)));
  __m128i sum = _mm_add_epi32(add_halves(first), more);
  __m128i difference = _mm_add_epi32(_mm_sub_epi32(low(first), high(first)),
                                     more);
  column[0] = _mm_srai_epi32(_mm_add_epi32(sum, a), shift);
  column[1] = _mm_srai_epi32(_mm_add_epi32(difference, b), shift);
  column[2] = _mm_srai_epi32(_mm_sub_epi32(difference, b), shift);
  column[3] = _mm_srai_epi32(_mm_sub_epi32(sum, a), shift);
}


AVX2 INLINE void save_4x4 (uint8_t *out, size_t stride, const __m128i *column) {
  const __m128i order = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14,
                                      3, 7, 11, 15);
  uint8_t rows[16];
  int i;
  __m128i v = _mm_packus_epi16(_mm_packs_epi32(column[0], column[1]),
                               _mm_packs_epi32(column[2], column[3]));
  _mm_storeu_si128((__m128i *)(void *)rows, _mm_shuffle_epi8(v, order));
  for (i = 0; i < 4; i++) memcpy(out + (size_t)i * stride, rows + 4 * i, 4);
}


AVX2 void novita_idct_avx2_4x4 (uint8_t *out, size_t stride,
                                const int16_t *coef, const uint16_t *quant) {
  __m256i pairs[4], row[4], a, b;
  __m128i column[4];
  load(pairs, coef, quant);
  reduce_columns(row, pairs);
  a = _mm256_packs_epi32(row[0], row[1]);
  b = _mm256_packs_epi32(row[2], row[3]);
  reduce_rows(column, PICK(a, b, 0), PICK(a, b, 1));
  save_4x4(out, stride, column);
}

/* }====== */

#else
typedef int novita_idct_has_no_avx2;  /* a file must not be empty */
#endif
