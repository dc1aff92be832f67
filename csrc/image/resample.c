/*
** resample.c: see resample.h
*/
#include <stdlib.h>
#include <string.h>

#include "resample.h"


static int last_needed (const struct novita_coefs *c, int i) {
  return c->first[i] + c->count[i] - 1;
}


static void find_columns (struct novita_resampler *r) {
  int i, right = 0;
  r->left = r->across.first[0];
  for (i = 0; i < r->across.n; i++) {
    int last = last_needed(&r->across, i);
    if (r->across.first[i] < r->left) r->left = r->across.first[i];
    if (last > right) right = last;
  }
  r->columns = right - r->left + 1;
}


/* Rows from the first one that a target row needs to the last one that is fed
** when its turn comes. Trimmed weights can make spans overtake each other, so
** this may be more than the longest span. */
static int ring_size (const struct novita_coefs *c) {
  int i, fed = 0, most = 1;
  for (i = 0; i < c->n; i++) {
    if (last_needed(c, i) > fed) fed = last_needed(c, i);
    if (fed - c->first[i] + 1 > most) most = fed - c->first[i] + 1;
  }
  return most;
}


static int reserve (struct novita_resampler *r, struct novita_error *e) {
  size_t columns = (size_t)r->columns * (size_t)r->channels;
  r->ring = malloc((size_t)r->rows * r->stride);
  r->mid = calloc(columns + NOVITA_SLACK, sizeof *r->mid);
  r->row = malloc((size_t)r->rows * sizeof *r->row);
  if (r->ring == NULL || r->mid == NULL || r->row == NULL)
    return novita_fail_memory(e);
  return 0;
}


static int prepare (struct novita_resampler *r,
                    const struct novita_resample *job,
                    struct novita_error *e) {
  if (novita_coefs_open(&r->across, job->filter, job->source_width,
                        job->box.x, job->box.width, job->width,
                        NOVITA_HORIZONTAL_BITS, e) != 0) return -1;
  if (novita_coefs_open(&r->down, job->filter, job->source_height,
                        job->box.y, job->box.height, job->height,
                        NOVITA_VERTICAL_BITS, e) != 0) return -1;
  find_columns(r);
  r->rows = ring_size(&r->down);
  return reserve(r, e);
}


int novita_resampler_open (struct novita_resampler *r,
                           const struct novita_resample *job,
                           struct novita_error *e) {
  memset(r, 0, sizeof *r);
  r->kernels = novita_kernels();
  r->channels = job->channels;
  r->stride = (size_t)job->source_width * (size_t)job->channels;
  if (prepare(r, job, e) == 0) return 0;
  novita_resampler_close(r);
  return -1;
}


void novita_resampler_close (struct novita_resampler *r) {
  novita_coefs_close(&r->across);
  novita_coefs_close(&r->down);
  free(r->ring);
  free(r->mid);
  free(r->row);
  r->ring = NULL;
  r->mid = NULL;
  r->row = NULL;
}


static uint8_t *ring_row (const struct novita_resampler *r, int y) {
  return r->ring + (size_t)(y % r->rows) * r->stride;
}


uint8_t *novita_resampler_slot (struct novita_resampler *r) {
  return ring_row(r, r->fed);
}


void novita_resampler_feed (struct novita_resampler *r) {
  r->fed++;
}


int novita_resampler_done (const struct novita_resampler *r) {
  return r->taken == r->down.n;
}


int novita_resampler_take (struct novita_resampler *r, uint8_t *out) {
  const struct novita_coefs *c = &r->down;
  int i = r->taken, k, channels = r->channels;
  if (novita_resampler_done(r) || r->fed <= last_needed(c, i)) return 0;
  for (k = 0; k < c->count[i]; k++)
    r->row[k] = ring_row(r, c->first[i] + k) +
                (size_t)r->left * (size_t)channels;
  r->kernels->vertical(r->mid, r->row,
                       c->weight + (size_t)i * (size_t)c->stride, c->count[i],
                       (size_t)r->columns * (size_t)channels, c->shift);
  r->kernels->horizontal(out, r->mid, r->left, &r->across, channels);
  r->taken++;
  return 1;
}
