/*
** filter.h: the weights of a resampling along one axis.
**
** A target sample is a weighted sum of neighbouring source samples: 'count[i]'
** of them from number 'first[i]' on. The filter is stretched by the shrink
** factor (antialiasing), cut at the picture's edge and made to sum to one.
** Weights are fixed point with 'shift' fraction bits, as many as fit; each row
** of them sums to exactly 1 << shift, so flat areas stay flat.
**
** Kernels take source samples in groups: 'first' and 'count' are multiples of
** 'align', weights outside the filter are zero, and the last group may reach
** past the end of the source.
*/
#ifndef novita_image_resample_filter_h
#define novita_image_resample_filter_h

#include <stdint.h>

#include "../../base/error.h"

/* a weight is at most this, or its negative: 15 bits, so that a kernel may
** split it into a signed byte and seven bits without sign */
#define NOVITA_FILTER_MAX_WEIGHT 16383

enum novita_filter {
  NOVITA_FILTER_LANCZOS3, NOVITA_FILTER_CATMULL_ROM, NOVITA_FILTER_MITCHELL,
  NOVITA_FILTER_AREA,   /* exact share of each source pixel */
  NOVITA_FILTER_BOX     /* source pixels whose centre is covered, equally */
};

/* what the weights of an axis depend on */
struct novita_filter_axis {
  enum novita_filter filter;
  int size;              /* source samples */
  double start, length;  /* the part of them that is wanted */
  int n;                 /* target samples */
  int align;             /* 1, 2 or 4 */
  int max_bits;         /* fraction bits at most */
};

struct novita_filter_taps {
  int n;               /* target samples */
  int shift;           /* fraction bits of a weight */
  int stride;          /* weights kept a target sample */
  int *first, *count;  /* 'n' each */
  int16_t *weight;     /* n * stride */
};

NOVITA_FUNC int novita_filter_taps_open (struct novita_filter_taps *c,
                                         const struct novita_filter_axis *axis,
                                         struct novita_error *e);
NOVITA_FUNC void novita_filter_taps_close (struct novita_filter_taps *c);

#endif
