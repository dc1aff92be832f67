/*
** vertical_weights.h: the weights of a vertical pass, two target rows at a time.
**
** Pair 'i' makes the target rows 2i and 2i + 1 (the last may be alone) out of
** 'count[i]' groups of source rows from group 'first[i]' on; a record of
** weights for each (kernels.h).
*/
#ifndef novita_image_resample_vertical_weights_h
#define novita_image_resample_vertical_weights_h

#include <stdint.h>

#include "../../base/error.h"
#include "filter.h"
#include "kernels.h"

struct novita_vertical_weights {
  int n;
  int shift;           /* fraction bits of a weight */
  int max_groups;      /* groups of any pair */
  int ring;            /* groups that are alive at once, at most */
  int *first, *count;  /* 'n' each */
  int16_t *record;     /* n * most * 8 */
};

/* 'axis' without 'align'; records go through 'pack' */
NOVITA_FUNC int novita_vertical_weights_open (
  struct novita_vertical_weights *p, const struct novita_filter_axis *axis,
  void (*pack) (int16_t record[8]), struct novita_error *e);
NOVITA_FUNC void novita_vertical_weights_close (
  struct novita_vertical_weights *p);

NOVITA_FUNC const int16_t *novita_vertical_weights_records (
  const struct novita_vertical_weights *p, int i);

#endif
