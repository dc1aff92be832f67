/*
** coefs.h: the weights of a resampling along one axis.
**
** A target sample is a weighted sum of neighbouring source samples: 'count[i]'
** of them from number 'first[i]' on. The filter is stretched by the shrink
** factor (antialiasing), cut at the picture's edge and made to sum to one.
** Weights are 16-bit fixed point with 'shift' fraction bits, as many as fit;
** each row of them sums to exactly 1 << shift, so flat areas stay flat.
*/
#ifndef novita_image_coefs_h
#define novita_image_coefs_h

#include <stdint.h>

#include "../base/error.h"

/* rows of weights are padded with zeros to a multiple of this, so that kernels
** may work on whole registers */
#define NOVITA_TAPS 16

enum novita_filter {
  NOVITA_LANCZOS3, NOVITA_CATMULL_ROM, NOVITA_MITCHELL,
  NOVITA_AREA,   /* exact share of each source pixel */
  NOVITA_BOX     /* source pixels whose centre is covered, equally */
};

struct novita_coefs {
  int n;               /* target samples */
  int shift;           /* fraction bits of a weight */
  int stride;          /* weights kept a target sample, the padding included */
  int *first, *count;  /* 'n' each */
  int16_t *weight;     /* n * stride */
};

/* 'n' samples of the part [start, start + length) of 'size' source samples;
** at most 'max_shift' fraction bits */
NOVITA_FUNC int novita_coefs_open (struct novita_coefs *c,
                                   enum novita_filter filter, int size,
                                   double start, double length, int n,
                                   int max_shift, struct novita_error *e);
NOVITA_FUNC void novita_coefs_close (struct novita_coefs *c);

#endif
