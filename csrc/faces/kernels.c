/*
** kernels.c: selects the table of kernels.h for the instructions in use
** (base/cpu.h).
*/
#include <string.h>

#include "kernels.h"


#ifdef NOVITA_HAVE_X86
/* Every processor with AVX2 that is sold has FMA, but they are two flags. */
static const struct novita_faces_kernels *x86_table (void) {
  return __builtin_cpu_supports("fma") ? &novita_faces_kernels_avx2
                                       : &novita_faces_kernels_scalar;
}
#endif


static const struct novita_faces_kernels *table_of (
    enum novita_cpu_simd simd) {
  switch (simd) {
#ifdef NOVITA_HAVE_X86
    case NOVITA_CPU_AVX512:  /* uses the table of AVX2 */
    case NOVITA_CPU_AVX2: return x86_table();
#endif
#ifdef NOVITA_HAVE_NEON
    case NOVITA_CPU_NEON: return &novita_faces_kernels_neon;
#endif
    default: return &novita_faces_kernels_scalar;
  }
}


const struct novita_faces_kernels *novita_faces_kernels (void) {
  return table_of(novita_cpu_simd());
}


const struct novita_faces_kernels *novita_faces_kernels_named (
    const char *name) {
  int simd = novita_cpu_simd_named(name);
  const struct novita_faces_kernels *table;
  if (simd < 0) return NULL;
  table = table_of((enum novita_cpu_simd)simd);
  return strcmp(table->name, name) == 0 ? table : NULL;
}
