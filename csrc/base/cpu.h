/*
** cpu.h: which vector instructions this process uses: the best set that the
** processor has, or the one that NOVITA_SIMD names (scalar, avx2, avx512,
** neon) if this build and this processor have it. The choice is made once, by
** the first call, on any thread.
*/
#ifndef novita_base_cpu_h
#define novita_base_cpu_h

#include <stdbool.h>

#include "func.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define NOVITA_HAVE_X86 1
#endif
#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
#define NOVITA_HAVE_NEON 1
#endif

/* before a loop over registers, which must be unrolled: -O2 alone keeps the
** values in memory */
#define NOVITA_UNROLL _Pragma("GCC unroll 16")

enum novita_cpu_simd {
  NOVITA_CPU_SCALAR, NOVITA_CPU_NEON, NOVITA_CPU_AVX2,
  NOVITA_CPU_AVX512     /* F, BW and VL */
};

/* the set in use */
NOVITA_FUNC enum novita_cpu_simd novita_cpu_simd (void);

/* a set by its name, or -1 if this build or processor does not have it */
NOVITA_FUNC int novita_cpu_simd_named (const char *name);

/* the value of NOVITA_SIMD if it could not be used, or NULL */
NOVITA_FUNC const char *novita_cpu_simd_refused (void);

/* VNNI, byte dot products: an addition to AVX-512 */
NOVITA_FUNC bool novita_cpu_has_vnni (void);

/* BMI1 with BMI2; SHA with SSE4.1. Both are false if NOVITA_SIMD is scalar. */
NOVITA_FUNC bool novita_cpu_has_bmi2 (void);
NOVITA_FUNC bool novita_cpu_has_sha (void);

#endif
