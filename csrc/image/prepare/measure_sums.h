/*
** measure_sums.h: the inner loops of measure.h, one table per instruction set.
** All tables give the same sums; measure_sums_scalar.c defines them.
*/
#ifndef novita_image_prepare_measure_sums_h
#define novita_image_prepare_measure_sums_h

#include <stdint.h>

#include "../../base/cpu.h"
#include "../../base/func.h"

#define NOVITA_MEASURE_SIDE 512  /* pixels of a row at most */
#define NOVITA_MEASURE_DARK 8      /* luma up to this is counted as dark */
#define NOVITA_MEASURE_BRIGHT 247  /* luma from this on is bright */

struct novita_measure_sums {
  int64_t luma, dark, bright;  /* of all pixels; pixels that are so */
  int64_t edges, squares;      /* of the Laplacian */
};

struct novita_measure_sums_kernels {
  const char *name;

  /* adds the luma of a row of 'n' pixels */
  void (*add_levels) (struct novita_measure_sums *s, const uint8_t *row,
                      int n);

  /* adds the Laplacian (4 neighbours) of the middle one of three rows, without
  ** its first and last pixel */
  void (*add_edges) (struct novita_measure_sums *s,
                     const uint8_t *const line[3], int n);
};

NOVITA_FUNC const struct novita_measure_sums_kernels novita_measure_sums_scalar;
#ifdef NOVITA_HAVE_X86
NOVITA_FUNC const struct novita_measure_sums_kernels novita_measure_sums_avx2;
#endif
#ifdef NOVITA_HAVE_NEON
NOVITA_FUNC const struct novita_measure_sums_kernels novita_measure_sums_neon;
#endif

/* the table for the instructions in use (base/cpu.h) */
NOVITA_FUNC const struct novita_measure_sums_kernels *
novita_measure_sums_kernels (void);

#endif
