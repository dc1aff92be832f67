/*
** vertical_weights.h: the weights of a vertical pass, two target rows at a
** time.
**
** Row pair 'i' is the target rows 2i and 2i + 1 (the last pair may have one
** row). It is computed from 'count[i]' groups of source rows, starting at group
** 'first[i]', with a record of weights for each group (kernels.h).
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
  int max_groups;      /* the most that any pair needs */
  int ring;            /* the most that are in use at once */
  int *first, *count;  /* 'n' entries each */
  int16_t *record;     /* n * max_groups * 8 */
};

/* 'axis' without 'align'; records are converted by 'pack' */
NOVITA_FUNC int novita_vertical_weights_open (
  struct novita_vertical_weights *p, const struct novita_filter_axis *axis,
  void (*pack) (int16_t record[8]), struct novita_error *e);
NOVITA_FUNC void novita_vertical_weights_close (
  struct novita_vertical_weights *p);

NOVITA_FUNC const int16_t *novita_vertical_weights_records (
  const struct novita_vertical_weights *p, int i);

#endif
