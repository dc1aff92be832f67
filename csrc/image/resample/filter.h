/*
** filter.h: the weights for resampling along one axis.
**
** A target sample is a weighted sum of neighbouring source samples: 'count[i]'
** samples, starting at 'first[i]'. The filter is stretched by the shrink factor
** (antialiasing), cut at the edge of the image and normalized to a sum of one.
** Weights are fixed point with 'shift' fraction bits, as many as fit. The
** weights of a target sample sum to exactly 1 << shift, so flat areas stay
** flat.
**
** Kernels read source samples in groups: 'first' and 'count' are multiples of
** 'align', weights outside the filter are zero, and the last group may extend
** past the end of the source.
*/
#ifndef novita_image_resample_filter_h
#define novita_image_resample_filter_h

#include <stdint.h>

#include "../../base/error.h"

/* The largest absolute value of a weight: 15 bits, so that a kernel may split
** it into a signed byte and seven unsigned bits. */
#define NOVITA_FILTER_MAX_WEIGHT 16383

enum novita_filter {
  NOVITA_FILTER_LANCZOS3, NOVITA_FILTER_CATMULL_ROM, NOVITA_FILTER_MITCHELL,
  NOVITA_FILTER_AREA,   /* exact share of each source pixel */
  NOVITA_FILTER_BOX     /* source pixels whose centre is covered, all with equal
                        ** weight */
};

/* everything that determines the weights of an axis */
struct novita_filter_axis {
  enum novita_filter filter;
  int size;              /* source samples */
  double start, length;  /* the part of them to resample */
  int n;                 /* target samples */
  int align;             /* 1, 2 or 4 */
  int max_bits;          /* fraction bits at most */
};

struct novita_filter_taps {
  int n;               /* target samples */
  int shift;           /* fraction bits of a weight */
  int stride;          /* weights stored per target sample */
  int *first, *count;  /* 'n' entries each */
  int16_t *weight;     /* n * stride */
};

NOVITA_FUNC int novita_filter_taps_open (struct novita_filter_taps *c,
                                         const struct novita_filter_axis *axis,
                                         struct novita_error *e);
NOVITA_FUNC void novita_filter_taps_close (struct novita_filter_taps *c);

#endif
