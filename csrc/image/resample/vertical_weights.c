/*
** vertical_weights.c: see vertical_weights.h
*/
#include <stdlib.h>
#include <string.h>

#include "vertical_weights.h"

#define RECORD (2 * NOVITA_GROUP)


static int end_of (const struct novita_filter_taps *c, int row) {
  return (c->first[row] + c->count[row]) / NOVITA_GROUP;
}


static int partner (const struct novita_filter_taps *c, int i) {
  return 2 * i + 1 < c->n ? 2 * i + 1 : 2 * i;
}


/* Finds the groups that each row pair needs, and the largest number of them. */
static void find_groups (struct novita_vertical_weights *p,
                         const struct novita_filter_taps *c) {
  int i;
  p->max_groups = 1;
  for (i = 0; i < p->n; i++) {
    int a = 2 * i, b = partner(c, i);
    int first = c->first[a] < c->first[b] ? c->first[a] : c->first[b];
    int end = end_of(c, a) > end_of(c, b) ? end_of(c, a) : end_of(c, b);
    p->first[i] = first / NOVITA_GROUP;
    p->count[i] = end - p->first[i];
    if (p->count[i] > p->max_groups) p->max_groups = p->count[i];
  }
}


/* The number of groups from the first one that a row pair needs to the last one
** fed by then. Spans of trimmed weights can overtake each other, so this may be
** more than the longest span. */
static int ring_size (const struct novita_vertical_weights *p) {
  int i, fed = 0, most = 1;
  for (i = 0; i < p->n; i++) {
    int end = p->first[i] + p->count[i];
    if (end > fed) fed = end;
    if (fed - p->first[i] > most) most = fed - p->first[i];
  }
  return most;
}


/* copies a target row's weights to its half of the records of row pair 'i' */
static void spread (struct novita_vertical_weights *p,
                    const struct novita_filter_taps *c, int i, int row) {
  int group = c->first[row] / NOVITA_GROUP - p->first[i], k;
  const int16_t *weight = c->weight + (size_t)row * (size_t)c->stride;
  int16_t *record = p->record + ((size_t)i * (size_t)p->max_groups +
                                 (size_t)group) * RECORD +
                    row % 2 * NOVITA_GROUP;
  for (k = 0; k < c->count[row]; k += NOVITA_GROUP, record += RECORD)
    memcpy(record, weight + k, NOVITA_GROUP * sizeof *record);
}


static int fill (struct novita_vertical_weights *p,
                 const struct novita_filter_taps *c,
                 void (*pack) (int16_t record[8])) {
  size_t at, records;
  int i;
  p->n = (c->n + 1) / 2;
  p->shift = c->shift;
  p->first = malloc((size_t)p->n * sizeof *p->first);
  p->count = malloc((size_t)p->n * sizeof *p->count);
  if (p->first == NULL || p->count == NULL) return -1;
  find_groups(p, c);
  p->ring = ring_size(p);
  records = (size_t)p->n * (size_t)p->max_groups;
  p->record = calloc(records, RECORD * sizeof *p->record);
  if (p->record == NULL) return -1;
  for (i = 0; i < p->n; i++) {
    spread(p, c, i, 2 * i);
    if (2 * i + 1 < c->n) spread(p, c, i, 2 * i + 1);
  }
  for (at = 0; at < records; at++) pack(p->record + at * RECORD);
  return 0;
}


int novita_vertical_weights_open (struct novita_vertical_weights *p,
                                  const struct novita_filter_axis *axis,
                                  void (*pack) (int16_t record[8]),
                                  struct novita_error *e) {
  struct novita_filter_axis aligned = *axis;
  struct novita_filter_taps c;
  int r;
  memset(p, 0, sizeof *p);
  aligned.align = NOVITA_GROUP;
  if (novita_filter_taps_open(&c, &aligned, e) != 0) return -1;
  r = fill(p, &c, pack);
  novita_filter_taps_close(&c);
  if (r == 0) return 0;
  novita_vertical_weights_close(p);
  return novita_error_set_memory(e);
}


void novita_vertical_weights_close (struct novita_vertical_weights *p) {
  free(p->first);
  free(p->count);
  free(p->record);
  memset(p, 0, sizeof *p);
}


const int16_t *novita_vertical_weights_records (
  const struct novita_vertical_weights *p, int i) {
  return p->record + (size_t)i * (size_t)p->max_groups * RECORD;
}
