/*
** idct.c: see idct.h. Uses vectors of eight 32-bit integers, which the compiler
** maps to the registers there are. Pointers are passed instead of vectors, so
** that no calling convention for vectors is needed.
*/
#include <stdbool.h>
#include <string.h>

#include "idct.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")  /* -O2 would not, and keeps vectors in
                                        ** memory */
#define SIDE 8
#define FRACTION 13   /* fraction bits of the constants */
#define BETWEEN 2     /* fraction bits kept between the two passes */

typedef int32_t eight __attribute__((vector_size(32)));
typedef int16_t eight16 __attribute__((vector_size(16)));
typedef int16_t sixteen __attribute__((vector_size(32)));
typedef uint8_t eight8 __attribute__((vector_size(8)));


/* inputs 0, 2, 4, 6: the sums shared by both halves of the outputs */
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


/* inputs 1, 3, 5, 7: added to one half and subtracted from the other */
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


/* eight one-dimensional transforms in parallel; 'more' is added to each */
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


/* rows i and i + 4 are adjacent; columns stay in the order of the layout */
INLINE void load (eight *v, const int16_t *coef, const uint16_t *quant) {
  int i;
  UNROLL
  for (i = 0; i < SIDE / 2; i++) {
    sixteen c, q;
    eight16 even, odd;
    memcpy(&c, coef + 16 * i, sizeof c);
    memcpy(&q, quant + 16 * i, sizeof q);
    c *= q;
    even = __builtin_shufflevector(c, c, 0, 2, 4, 6, 8, 10, 12, 14);
    odd = __builtin_shufflevector(c, c, 1, 3, 5, 7, 9, 11, 13, 15);
    v[i] = __builtin_convertvector(even, eight);
    v[i + 4] = __builtin_convertvector(odd, eight);
  }
}


/* lanes are columns: transposes them to rows, and puts the columns in order */
INLINE void transpose_in_order (eight *v) {
  eight lane[SIDE];
  int i;
  transpose(v);
  memcpy(lane, v, sizeof lane);
  UNROLL
  for (i = 0; i < SIDE; i++) v[i] = lane[(i & 3) << 1 | i >> 2];
}


/* lanes are rows: transposes them back, and clamps */
INLINE void save (uint8_t *out, size_t stride, eight *v) {
  int i;
  transpose(v);
  for (i = 0; i < SIDE; i++, out += stride) {
    eight s = v[i], over = s > 255, under = s < 0;  /* true = all bits */
    eight8 bytes;
    s = (s & ~under & ~over) | (over & 255);
    bytes = __builtin_convertvector(s, eight8);
    memcpy(out, &bytes, sizeof bytes);
  }
}


void novita_idct_flat (uint8_t *out, size_t stride, int16_t coef,
                       uint16_t quant) {
  int i, dc = (int16_t)((unsigned)coef * quant);
  int s = ((dc + 4) >> 3) + 128;
  for (i = 0; i < SIDE; i++)
    memset(out + (size_t)i * stride, s < 0 ? 0 : s > 255 ? 255 : s, SIDE);
}


static void idct_plain (uint8_t *out, size_t stride, const int16_t *coef,
                        const uint16_t *quant) {
  eight v[SIDE];
  load(v, coef, quant);
  pass(v, FRACTION - BETWEEN, 0);
  transpose_in_order(v);
  pass(v, FRACTION + BETWEEN + 3, 128);
  save(out, stride, v);
}


novita_idct *novita_idct_choose (int side) {
#if defined(NOVITA_HAVE_X86)
  bool avx2 = novita_cpu_simd() != NOVITA_CPU_SCALAR;
  if (avx2 && side == SIDE) return novita_idct_avx2;
  if (avx2 && side == 4) return novita_idct_avx2_4x4;
#endif
  switch (side) {
    case SIDE: return idct_plain;
    case 4: return novita_idct_reduced_4x4;
    case 2: return novita_idct_reduced_2x2;
    case 1: return novita_idct_reduced_1x1;
    default: return NULL;
  }
}
