/*
** kernels.c: selects the table of kernels.h for the instructions in use
** (base/cpu.h).
*/
#include "kernels.h"


static const struct novita_kernels *table_of (enum novita_cpu_simd simd) {
  switch (simd) {
#ifdef NOVITA_HAVE_X86
    case NOVITA_CPU_AVX512:  /* two tables with the same name */
      return novita_cpu_has_vnni() ? &novita_kernels_avx512vnni
                                   : &novita_kernels_avx512;
    case NOVITA_CPU_AVX2: return &novita_kernels_avx2;
#endif
#ifdef NOVITA_HAVE_NEON
    case NOVITA_CPU_NEON: return &novita_kernels_neon;
#endif
    default: return &novita_kernels_scalar;
  }
}


const struct novita_kernels *novita_kernels_named (const char *name) {
  int simd = novita_cpu_simd_named(name);
  return simd < 0 ? NULL : table_of((enum novita_cpu_simd)simd);
}


const struct novita_kernels *novita_kernels (void) {
  return table_of(novita_cpu_simd());
}


/* Two samples for every row and channel, plus what a register reads past the
** last pixel: at most 32 pixels of one channel. */
size_t novita_kernels_scratch_size (int pixels, int channels) {
  return ((size_t)pixels / 2 + 16) * (size_t)channels * NOVITA_ROW_BLOCK *
         2 * sizeof(int16_t);
}
