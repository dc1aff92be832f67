/*
** measure.c: see measure.h
*/
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#define CELLS_ACROSS 9
#define CELLS_DOWN 8


/* the shorter side if the longer one becomes NOVITA_MEASURE_SIDE */
static int reduced (int side, int longer) {
  int64_t n = ((int64_t)side * NOVITA_MEASURE_SIDE + longer / 2) / longer;
  return n < 1 ? 1 : (int)n;
}


static void choose_scale (struct novita_measure *m) {
  int longer = m->width > m->height ? m->width : m->height;
  m->reduces = longer > NOVITA_MEASURE_SIDE;
  m->columns = m->reduces ? reduced(m->width, longer) : m->width;
  m->rows = m->reduces ? reduced(m->height, longer) : m->height;
}


/* resamples a whole image of one channel; each target pixel is the mean of its
** area */
static int open_area (const struct novita_measure *m,
                      struct novita_resampler *r, int width, int height,
                      int to_width, int to_height, struct novita_error *e) {
  struct novita_resample_job job;
  struct novita_resample_options resampling = {0};
  memset(&job, 0, sizeof job);
  resampling.cache = m->cache;
  job.source_width = width;
  job.source_height = height;
  job.channels = 1;
  job.box.width = width;
  job.box.height = height;
  job.width = to_width;
  job.height = to_height;
  job.filter = NOVITA_FILTER_AREA;
  return novita_resample_open(r, &job, &resampling, e);
}


static int reserve (struct novita_measure *m, struct novita_error *e) {
  size_t row = (size_t)m->columns, i;
  m->memory = malloc((size_t)m->width + row * 3);
  if (m->memory == NULL) return novita_error_set_memory(e);
  m->luma = m->memory;
  for (i = 0; i < 3; i++) m->line[i] = m->memory + m->width + row * i;
  return 0;
}


int novita_measure_open (struct novita_measure *m, int width, int height,
                         struct novita_weights_cache *cache,
                         struct novita_error *e) {
  memset(m, 0, sizeof *m);
  m->kernels = novita_measure_sums_kernels();
  m->cache = cache;
  m->width = width;
  m->height = height;
  choose_scale(m);
  if (reserve(m, e) == 0 &&
      (!m->reduces || open_area(m, &m->small, width, height, m->columns,
                                m->rows, e) == 0) &&
      open_area(m, &m->cells, m->columns, m->rows, CELLS_ACROSS, CELLS_DOWN,
                e) == 0) return 0;
  novita_measure_close(m);
  return -1;
}


void novita_measure_close (struct novita_measure *m) {
  novita_resample_close(&m->small);
  novita_resample_close(&m->cells);
  free(m->memory);
  m->memory = NULL;
}


/* Rec. 601 with factors that sum to 256 */
static void rgb_to_luma (uint8_t *luma, const uint8_t *rgb, int n) {
  int i;
  for (i = 0; i < n; i++, rgb += 3)
    luma[i] = (uint8_t)((rgb[0] * 77 + rgb[1] * 150 + rgb[2] * 29 + 128) >> 8);
}


static void add_cells (struct novita_measure *m, const uint8_t *row) {
  uint8_t cells[CELLS_ACROSS];
  memcpy(novita_resample_slot(&m->cells), row, (size_t)m->columns);
  novita_resample_feed(&m->cells);
  while (novita_resample_take(&m->cells, cells)) {
    int i;
    for (i = 0; i + 1 < CELLS_ACROSS; i++)
      m->dhash = m->dhash << 1 | (cells[i] < cells[i + 1]);
  }
}


/* the oldest line has received the newest row */
static void measure_line (struct novita_measure *m) {
  uint8_t *row = m->line[0];
  m->line[0] = m->line[1];
  m->line[1] = m->line[2];
  m->line[2] = row;
  m->kernels->add_levels(&m->sums, row, m->columns);
  add_cells(m, row);
  if (++m->seen >= 3)
    m->kernels->add_edges(&m->sums, (const uint8_t *const *)m->line,
                          m->columns);
}


static void add_luma (struct novita_measure *m, const uint8_t *luma) {
  if (!m->reduces) {
    memcpy(m->line[0], luma, (size_t)m->columns);
    measure_line(m);
    return;
  }
  memcpy(novita_resample_slot(&m->small), luma, (size_t)m->width);
  novita_resample_feed(&m->small);
  while (novita_resample_take(&m->small, m->line[0])) measure_line(m);
}


void novita_measure_row (struct novita_measure *m, const uint8_t *row,
                         int channels) {
  if (channels == 1) {
    add_luma(m, row);
    return;
  }
  rgb_to_luma(m->luma, row, m->width);
  add_luma(m, m->luma);
}


/* the mean of all pixels */
static double mean (const struct novita_measure *m, int64_t sum) {
  double all = (double)m->seen * m->columns;
  return all > 0 ? (double)sum / all : 0;
}


static double variance (const struct novita_measure *m) {
  double n = (double)(m->columns - 2) * (m->seen - 2), average;
  if (m->columns < 3 || m->seen < 3) return 0;
  average = (double)m->sums.edges / n;
  return (double)m->sums.squares / n - average * average;
}


void novita_measure_finish (const struct novita_measure *m,
                            struct novita_measures *out) {
  out->sharpness = variance(m);
  out->brightness = mean(m, m->sums.luma) / 255;
  out->dark = mean(m, m->sums.dark);
  out->bright = mean(m, m->sums.bright);
  out->dhash = m->dhash;
}
