/*
** kernels_avx2.c: the inner loops for processors with AVX2 and FMA, through
** 'target' attributes: no build flag is needed, and nothing here runs on other
** processors. Six pixels and their weights fill 15 of the 16 registers.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_X86

#include <immintrin.h>

#define OUTER static __attribute__((target("avx2,fma")))
#define INLINE \
  static inline __attribute__((always_inline, target("avx2,fma")))
#define LANES 8
#define PIXELS 6

typedef __m256 vector;


INLINE vector load (const float *p) { return _mm256_loadu_ps(p); }
INLINE void store (float *p, vector v) { _mm256_storeu_ps(p, v); }
INLINE vector all (float v) { return _mm256_set1_ps(v); }
INLINE vector zero (void) { return _mm256_setzero_ps(); }
INLINE vector times (vector a, vector b) { return _mm256_mul_ps(a, b); }
INLINE vector larger (vector a, vector b) { return _mm256_max_ps(a, b); }
INLINE vector multiply_add (vector a, vector b, vector c) {
  return _mm256_fmadd_ps(a, b, c);
}

#include "kernels_vector.h"

const struct novita_faces_kernels novita_faces_kernels_avx2 = {
  "avx2", sums, depthwise, pool
};

#endif
