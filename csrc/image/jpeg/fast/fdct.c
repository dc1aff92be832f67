/*
** fdct.c: see fdct.h
*/
#include <stddef.h>

#include "fdct.h"


void novita_fdct_divide_by (struct novita_fdct_divisors *c,
                            const uint16_t *quant) {
  int i;
  for (i = 0; i < 128; i++) {
    int row = i >> 4, column = i & 15;
    /* the transform leaves a factor of 8 */
    uint32_t by = (uint32_t)quant[row * 8 + (column & 7)] * 8;
    int bits = 31 - __builtin_clz(by);
    if ((by & (by - 1)) == 0) bits--;  /* else the reciprocal needs 17 bits */
    c->half[row][column] = (uint16_t)(by / 2);
    c->reciprocal[row][column] =
      (uint16_t)((((uint32_t)65536 << bits) + by - 1) / by);
    c->scale[row][column] = (uint16_t)(65536 >> bits);
  }
}


novita_fdct *novita_fdct_choose (void) {
#if defined(NOVITA_HAVE_X86)
  if (novita_cpu_has_bmi2() && novita_cpu_simd() != NOVITA_CPU_SCALAR)
    return novita_fdct_avx2;
#endif
  return NULL;
}
