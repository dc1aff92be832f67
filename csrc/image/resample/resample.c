/*
** resample.c: see resample.h. The path of a row:
**
**   stage (four rows) -> gather -> ring of groups -> vertical, two rows
**   -> block of NOVITA_ROW_BLOCK rows -> horizontal -> the same rows
**   -> unweigh -> narrow
*/
#include <stdlib.h>
#include <string.h>

#include "linear.h"
#include "resample.h"

#define ALIGN 64  /* bytes: alignment of every buffer */


static int min (int a, int b) {
  return a < b ? a : b;
}


static size_t round_up (size_t n, size_t to) {
  return (n + to - 1) / to * to;
}


static int groups_of (int rows) {
  return (rows + NOVITA_GROUP - 1) / NOVITA_GROUP;
}


static int get_weights (struct novita_resampler *r,
                        const struct novita_resample_job *job,
                        struct novita_error *e) {
  struct novita_weights_cache_key key = {
    {job->filter, job->source_width, job->box.x, job->box.width, job->width,
     0, 0},
    {job->filter, job->source_height, job->box.y, job->box.height,
     job->height, 0, 0},
    r->linear != NULL, r->kernels
  };
  r->weights = novita_weights_cache_get(r->cache, &key, e);
  return r->weights != NULL ? 0 : -1;
}


/* The columns that any target pixel needs. They may extend one past the source,
** with zero weight. */
static void find_columns (struct novita_resampler *r, int source_width) {
  const struct novita_filter_taps *c = &r->weights->across;
  int i, right = 0;
  r->left = c->first[0];
  for (i = 0; i < c->n; i++) {
    int end = c->first[i] + c->count[i];
    if (c->first[i] < r->left) r->left = c->first[i];
    if (end > right) right = end;
  }
  r->row_block.origin = r->left;
  r->row_block.pixels = right - r->left;
  r->columns = min(r->row_block.pixels, source_width - r->left);
}


static void find_first (struct novita_resampler *r) {
  const struct novita_vertical_weights *p = &r->weights->down;
  int i;
  r->first = p->first[0];
  for (i = 1; i < p->n; i++) r->first = min(r->first, p->first[i]);
}


static size_t group_bytes (const struct novita_resampler *r) {
  size_t samples = r->padded * NOVITA_GROUP;
  return r->linear != NULL ? samples * sizeof(int16_t) : samples;
}


/* the next 'bytes' of a block of memory; if 'memory' is NULL, only counts them
*/
static void *carve (uint8_t *memory, size_t *used, size_t bytes) {
  uint8_t *p = memory != NULL ? memory + *used : NULL;
  *used += round_up(bytes, ALIGN);
  return p;
}


/* Lays out all buffers from 'memory' on; returns the number of bytes they take.
*/
static size_t lay_out (struct novita_resampler *r, uint8_t *memory) {
  const struct novita_vertical_weights *p = &r->weights->down;
  struct novita_row_block *b = &r->row_block;
  size_t used = 0, word = sizeof(int16_t);
  r->stage = carve(memory, &used, r->stride * NOVITA_GROUP);
  r->ring = carve(memory, &used, group_bytes(r) * (size_t)p->ring);
  r->group = carve(memory, &used, (size_t)p->max_groups * sizeof *r->group);
  r->mid = carve(memory, &used, b->in_stride * NOVITA_ROW_BLOCK * word);
  b->in = r->mid;
  b->out = carve(memory, &used, b->out_stride * NOVITA_ROW_BLOCK * word);
  b->scratch = carve(memory, &used,
                     novita_kernels_scratch_size(b->pixels, b->channels));
  return used;
}


static int reserve (struct novita_resampler *r, struct novita_error *e) {
  struct novita_row_block *b = &r->row_block;
  size_t channels = (size_t)r->channels;
  b->c = &r->weights->across;
  b->channels = r->channels;
  r->padded = round_up((size_t)b->pixels * channels, NOVITA_BLOCK);
  b->in_stride = r->padded + NOVITA_SLACK;
  b->out_stride = round_up((size_t)b->c->n, NOVITA_ROW_BLOCK) * channels;
  b->out_stride = round_up(b->out_stride, NOVITA_BLOCK);
  r->memory = calloc(1, lay_out(r, NULL) + ALIGN);
  if (r->memory == NULL) return novita_error_set_memory(e);
  lay_out(r, r->memory + ALIGN - (uintptr_t)r->memory % ALIGN);
  return 0;
}


int novita_resample_open (struct novita_resampler *r,
                          const struct novita_resample_job *job,
                          const struct novita_resample_options *options,
                          struct novita_error *e) {
  memset(r, 0, sizeof *r);
  r->kernels = options->kernels != NULL ? options->kernels : novita_kernels();
  r->cache = options->cache;
  r->linear = options->linear ? novita_linear() : NULL;
  r->channels = job->channels;
  r->alpha = options->alpha ? job->channels : 0;
  r->stride = (size_t)job->source_width * (size_t)job->channels;
  r->source_height = job->source_height;
  r->height = job->height;
  if (get_weights(r, job, e) != 0) return -1;
  find_columns(r, job->source_width);
  find_first(r);
  if (reserve(r, e) == 0) return 0;
  novita_resample_close(r);
  return -1;
}


void novita_resample_close (struct novita_resampler *r) {
  if (r->weights != NULL) novita_weights_cache_drop(r->cache, r->weights);
  free(r->memory);
  r->weights = NULL;
  r->memory = NULL;
}


static uint8_t *ring_group (const struct novita_resampler *r, int g) {
  return r->ring + (size_t)(g % r->weights->down.ring) * group_bytes(r);
}


static void gather_words (const struct novita_resampler *r, int16_t *group,
                          size_t n) {
  novita_linear_gather(r->linear, group, r->row, n, r->alpha);
  if (r->alpha != 0) r->kernels->weigh_words(group, n, r->alpha);
}


/* Puts the group that the last fed row completes into the ring. If the source
** ends within a group, its last row is repeated, with zero weight. */
static void store_group (struct novita_resampler *r) {
  int g = (r->fed - 1) / NOVITA_GROUP, have = (r->fed - 1) % NOVITA_GROUP + 1;
  size_t n = (size_t)r->columns * (size_t)r->channels;
  uint8_t *group = ring_group(r, g);
  if (g < r->first || r->done == r->weights->down.n) return;
  for (; have < NOVITA_GROUP; have++) r->row[have] = r->row[have - 1];
  if (r->linear == NULL) r->kernels->gather(group, r->row, n, r->alpha);
  else gather_words(r, (int16_t *)(void *)group, n);
}


/* 'row' is the complete next source row */
static void feed_row (struct novita_resampler *r, const uint8_t *row) {
  r->row[r->fed % NOVITA_GROUP] =
    row + (size_t)r->left * (size_t)r->channels;
  r->fed++;
  if (r->fed % NOVITA_GROUP == 0 || r->fed == r->source_height)
    store_group(r);
}


uint8_t *novita_resample_slot (struct novita_resampler *r) {
  return r->stage + (size_t)(r->fed % NOVITA_GROUP) * r->stride;
}


void novita_resample_feed (struct novita_resampler *r) {
  feed_row(r, novita_resample_slot(r));
}


static void copy_row (struct novita_resampler *r, const uint8_t *row) {
  size_t at = (size_t)r->left * (size_t)r->channels;
  memcpy(novita_resample_slot(r) + at, row + at,
         (size_t)r->columns * (size_t)r->channels);
  novita_resample_feed(r);
}


int novita_resample_give (struct novita_resampler *r, const uint8_t *rows,
                          ptrdiff_t stride, int n) {
  int i, whole = min(NOVITA_GROUP, r->source_height - r->fed);
  if (r->fed % NOVITA_GROUP != 0 || n < whole) {
    copy_row(r, rows);
    return 1;
  }
  for (i = 0; i < whole; i++) feed_row(r, rows + i * stride);
  return whole;
}


static void run_vertical (struct novita_resampler *r, int i) {
  const struct novita_vertical_weights *p = &r->weights->down;
  const int16_t *records = novita_vertical_weights_records(p, i);
  int16_t *out[2];
  int k;
  out[0] = r->mid + (size_t)(2 * i % NOVITA_ROW_BLOCK) * r->row_block.in_stride;
  out[1] = out[0] + r->row_block.in_stride;
  for (k = 0; k < p->count[i]; k++)
    r->group[k] = ring_group(r, p->first[i] + k);
  if (r->linear == NULL)
    r->kernels->vertical(out, r->group, records, p->count[i], r->padded,
                         p->shift - NOVITA_FRACTION);
  else
    r->kernels->vertical_words(out, r->group, records, p->count[i], r->padded,
                               p->shift);
}


static void run_horizontal (struct novita_resampler *r) {
  int end = min(2 * r->done, r->height);
  r->row_block.rows = end - r->made;
  r->kernels->horizontal(&r->row_block);
  r->made = end;
}


/* Processes the row pairs whose groups are ready, until a row block is full. */
static bool make_row_block (struct novita_resampler *r) {
  const struct novita_vertical_weights *p = &r->weights->down;
  int groups = r->fed == r->source_height ? groups_of(r->fed)
                                          : r->fed / NOVITA_GROUP;
  while (r->done < p->n && p->first[r->done] + p->count[r->done] <= groups) {
    run_vertical(r, r->done++);
    if (2 * r->done % NOVITA_ROW_BLOCK == 0 || r->done == p->n) {
      run_horizontal(r);
      return true;
    }
  }
  return false;
}


bool novita_resample_take (struct novita_resampler *r, uint8_t *out) {
  size_t n = (size_t)r->weights->across.n * (size_t)r->channels;
  int16_t *row;
  if (r->taken == r->made && !make_row_block(r)) return false;
  row = r->row_block.out +
        (size_t)(r->taken % NOVITA_ROW_BLOCK) * r->row_block.out_stride;
  if (r->alpha != 0) r->kernels->unweigh_words(row, n, r->alpha);
  if (r->linear == NULL) r->kernels->narrow(out, row, n);
  else novita_linear_narrow(r->linear, out, row, n, r->alpha);
  r->taken++;
  return true;
}


bool novita_resample_done (const struct novita_resampler *r) {
  return r->taken == r->height;
}
