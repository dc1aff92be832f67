/*
** prepare_planes.c: a JPEG photo in its own colours. Y, Cb and Cr are resized
** each from the resolution it has to the one that the encoder wants, so no
** colour is interpolated twice and nothing is converted for a JPEG or WebP.
**
**   decoder's bands -> a resampler a plane -> small planes, upright -> encoder
*/
#include <string.h>

#include "exif.h"
#include "orient.h"
#include "planes.h"
#include "run.h"

#define WIDEST 3  /* target samples that the widest filter reaches */

/* one plane under way */
struct lane {
  struct novita_resampler resampler;
  int width, height;           /* that it gets, as stored */
  int from, to;                /* source rows that count */
  int y;                       /* resampled rows so far */
};

struct work {
  struct novita_run *run;
  struct novita_layout layout;
  struct lane lane[NOVITA_PLANES];
  struct novita_planes small;
  struct novita_pixels row;    /* one, before it is turned */
};


int novita_run_takes_planes (const struct novita_run *run) {
  const struct novita_prepare *wish = run->wish;
  return run->decoder.info.planes != 0 && wish->planes && !wish->lenient &&
         !wish->linear &&
         !novita_colour_converts(&run->colour) && novita_run_fills(run);
}


static int open_small (struct work *w, const struct novita_encoding *how,
                       struct novita_error *e) {
  const struct novita_plan *plan = &w->run->plan;
  int count = w->layout.count == 1
              ? novita_encoder_channels(how->format, 1) : NOVITA_PLANES;
  return novita_planes_open(&w->small, plan->width, plan->height, count,
                            novita_encoder_chroma(how), e);
}


/* Rows that the filter may reach, and a few more. */
static void find_rows (struct lane *lane, const struct novita_resample *job) {
  double step = job->box.height / job->height;
  double reach = WIDEST * (step > 1 ? step : 1) + 2;
  double from = job->box.y - reach, to = job->box.y + job->box.height + reach;
  lane->from = from > 0 ? (int)from : 0;
  lane->to = to < job->source_height ? (int)to : job->source_height;
}


static int open_lane (struct work *w, int i, struct novita_error *e) {
  const struct novita_image_info *info = &w->run->decoder.info;
  const struct novita_planes *small = &w->small;
  struct lane *lane = &w->lane[i];
  struct novita_plane_job part;
  struct novita_resample job;
  part.width = info->width;
  part.height = info->height;
  part.orientation = info->orientation;
  part.samples_x = w->layout.plane[i].samples_x;
  part.samples_y = w->layout.plane[i].samples_y;
  part.pixels = small->plane[i].width == small->width &&
                small->plane[i].height == small->height ? 1 : 2;
  job.source_width = w->layout.plane[i].width;
  job.source_height = w->layout.plane[i].height;
  job.channels = 1;
  job.box = novita_plan_plane(&w->run->plan, &part, &lane->width,
                              &lane->height);
  job.width = lane->width;
  job.height = lane->height;
  job.filter = w->run->wish->filter;
  if (novita_resampler_open(&lane->resampler, &job, e) != 0) return -1;
  find_rows(lane, &job);
  return 0;
}


static void want (struct work *w, int i) {
  const struct lane *lane = &w->lane[i];
  struct novita_window *wanted = &w->run->decoder.wanted[i];
  wanted->left = lane->resampler.left;
  wanted->right = lane->resampler.left + lane->resampler.columns;
  wanted->top = lane->from;
  wanted->bottom = lane->to;
}


static int open_work (struct work *w, const struct novita_encoding *how,
                      struct novita_error *e) {
  const struct novita_plan *plan = &w->run->plan;
  int i, wide = plan->stored_width + 1;
  if (novita_decoder_planes(&w->run->decoder, &w->layout, e) != 0 ||
      open_small(w, how, e) != 0 ||
      novita_pixels_open(&w->row, wide, 1, 1, UINT64_MAX, e) != 0) return -1;
  for (i = 0; i < w->layout.count; i++) {
    if (open_lane(w, i, e) != 0) return -1;
    want(w, i);
  }
  return 0;
}


/* The file and what decodes it, before the result takes its room. */
static void close_source (struct work *w) {
  int i;
  for (i = 0; i < NOVITA_PLANES; i++)
    novita_resampler_close(&w->lane[i].resampler);
  novita_decoder_close(&w->run->decoder);
  novita_bytes_close(&w->run->bytes);
}


static void close_work (struct work *w) {
  close_source(w);
  novita_planes_close(&w->small);
  novita_pixels_close(&w->row);
}


/* Resampled rows that are ready: straight to their place, or turned. */
static void take (struct work *w, int i) {
  struct lane *lane = &w->lane[i];
  const struct novita_pixels *out = &w->small.plane[i].pixels;
  int orientation = w->run->decoder.info.orientation;
  if (orientation == NOVITA_UPRIGHT) {
    while (lane->y < lane->height &&
           novita_resampler_take(&lane->resampler,
                                 novita_pixels_row(out, lane->y))) lane->y++;
    return;
  }
  while (novita_resampler_take(&lane->resampler, w->row.data))
    novita_orient_row(out, 0, 0, orientation, lane->width, lane->height,
                      lane->y++, w->row.data);
}


/* The rows of one plane in a band, straight from the decoder's memory. */
static void feed (struct work *w, int i, const struct novita_plane_band *band) {
  const uint8_t *rows = band->plane[i].data;
  size_t stride = band->plane[i].stride;
  int y = 0, n = band->plane[i].rows;
  while (y < n) {
    y += novita_resampler_give(&w->lane[i].resampler,
                               rows + (size_t)y * stride, (ptrdiff_t)stride,
                               n - y);
    take(w, i);
  }
}


/* Bands below the box change nothing, but are decoded: only so is it known
** that the file is whole. */
static int pump (struct work *w, struct novita_error *e) {
  struct novita_decoder *d = &w->run->decoder;
  struct novita_plane_band band;
  int i;
  while (d->next < d->height) {
    if (novita_decoder_band(d, &band, e) != 0) return -1;
    for (i = 0; i < w->layout.count; i++) feed(w, i, &band);
  }
  return novita_decoder_finish(d, e);
}


static int measure (struct work *w, struct novita_error *e) {
  struct novita_measure *m = &w->run->measure;
  int y;
  if (novita_measure_open(m, w->small.width, w->small.height, e) != 0)
    return -1;
  for (y = 0; y < w->small.height; y++)
    novita_measure_row(m, novita_pixels_row(&w->small.plane[0].pixels, y), 1);
  return 0;
}


static int encode (struct work *w, const struct novita_encoding *how,
                   struct novita_error *e) {
  struct novita_encoder encoder;
  int r;
  if (measure(w, e) != 0) return -1;
  novita_planes_pad(&w->small);
  if (novita_encoder_open(&encoder, how, w->small.width, w->small.height,
                          w->small.count, w->run->out, e) != 0) return -1;
  r = novita_encoder_planes(&encoder, &w->small, e);
  if (r == 0) r = novita_encoder_finish(&encoder, e);
  novita_encoder_close(&encoder);
  return r;
}


int novita_run_planes (struct novita_run *run, struct novita_error *e) {
  struct work w;
  struct novita_encoding how;
  int r = -1;
  memset(&w, 0, sizeof w);
  w.run = run;
  novita_prepare_encoding(run->wish, &how);
  how.planes = 1;
  if (open_work(&w, &how, e) == 0 && pump(&w, e) == 0) {
    close_source(&w);
    r = encode(&w, &how, e);
  }
  close_work(&w);
  return r;
}
