/*
** kernels.h: the inner loops of the network, one table per instruction set.
** kernels_scalar.c defines them; the others may add in one step what it rounds
** twice, so that results differ in the last bits.
**
** All maps have their channels innermost, and a multiple of NOVITA_FACES_BLOCK
** of them (except for the RGB of the input).
*/
#ifndef novita_faces_kernels_h
#define novita_faces_kernels_h

#include <stdbool.h>
#include <stddef.h>

#include "../base/cpu.h"
#include "../base/func.h"
#include "model.h"

#define NOVITA_FACES_LEAK 0.1f  /* what is left of negative sums */

/* sums of 16 outputs for 'n' neighbouring pixels */
struct novita_faces_sums {
  const float *in;     /* of the first pixel */
  size_t in_step;      /* floats from a pixel to the next */
  int rows, length;    /* of the inputs: rows of adjacent floats */
  size_t row_step;     /* floats from a row to the next */
  const float *mix;    /* [rows * length][16] */
  const float *bias;   /* [16] */
  bool leaky;          /* negative sums are scaled by NOVITA_FACES_LEAK */
  float *out;
  size_t out_step;
  int n;
};

struct novita_faces_kernels {
  const char *name;

  void (*sums) (const struct novita_faces_sums *s);

  /* Filters each channel of 'n' neighbouring pixels by 3 x 3. 'row' are the
  ** three rows of the input, from the left neighbour of the first pixel on. */
  void (*depthwise) (float *out, const float *const row[3],
                     const float *filter, int n, int channels);

  /* The maxima of four rows of pixels; the inputs are 'step' pixels apart. */
  void (*pool) (float *out, const float *const in[4], int n, int step,
                int channels);
};

NOVITA_FUNC const struct novita_faces_kernels novita_faces_kernels_scalar;
#ifdef NOVITA_HAVE_X86
NOVITA_FUNC const struct novita_faces_kernels novita_faces_kernels_avx2;
#endif
#ifdef NOVITA_HAVE_NEON
NOVITA_FUNC const struct novita_faces_kernels novita_faces_kernels_neon;
#endif

/* the table for the instructions in use */
NOVITA_FUNC const struct novita_faces_kernels *novita_faces_kernels (void);

/* a table by its name, or NULL if this build or processor does not have it */
NOVITA_FUNC const struct novita_faces_kernels *novita_faces_kernels_named (
  const char *name);

#endif
