/*
** kernels_neon.c: the inner loops for aarch64. Six pixels and their weights
** take 29 of the 32 registers.
*/
#include "kernels.h"

#ifdef NOVITA_HAVE_NEON

#include <arm_neon.h>

#define OUTER static
#define INLINE static inline __attribute__((always_inline))
#define LANES 4
#define PIXELS 6

typedef float32x4_t vector;


INLINE vector load (const float *p) { return vld1q_f32(p); }
INLINE void store (float *p, vector v) { vst1q_f32(p, v); }
INLINE vector all (float v) { return vdupq_n_f32(v); }
INLINE vector zero (void) { return vdupq_n_f32(0); }
INLINE vector times (vector a, vector b) { return vmulq_f32(a, b); }
INLINE vector larger (vector a, vector b) { return vmaxq_f32(a, b); }
INLINE vector multiply_add (vector a, vector b, vector c) {
  return vfmaq_f32(c, a, b);
}

#include "kernels_vector.h"

const struct novita_faces_kernels novita_faces_kernels_neon = {
  "neon", sums, depthwise, pool
};

#endif
