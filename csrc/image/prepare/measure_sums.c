/*
** measure_sums.c: selects the table of measure_sums.h for the instructions in
** use (base/cpu.h).
*/
#include "measure_sums.h"


const struct novita_measure_sums_kernels *novita_measure_sums_kernels (void) {
  switch (novita_cpu_simd()) {
#ifdef NOVITA_HAVE_X86
    case NOVITA_CPU_AVX512:
    case NOVITA_CPU_AVX2: return &novita_measure_sums_avx2;
#endif
#ifdef NOVITA_HAVE_NEON
    case NOVITA_CPU_NEON: return &novita_measure_sums_neon;
#endif
    default: return &novita_measure_sums_scalar;
  }
}
