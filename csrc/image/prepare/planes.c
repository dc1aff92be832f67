/*
** planes.c: a JPEG photo in its own colours. Y, Cb and Cr are resized
** each from the resolution it has to the one that the encoder wants, so no
** colour is interpolated twice and nothing is converted for a JPEG or WebP.
**
**   decoder's bands -> a resampler a plane -> strips -> encoder
**
** What must be turned, and what the encoder takes only as a whole, is held in
** planes instead of strips until the last row is there.
*/
#include <string.h>

#include "../codec/exif.h"
#include "orient.h"
#include "../codec/planes.h"
#include "pipeline.h"
#include "row_queue.h"

#define WIDEST 3  /* target samples that the widest filter reaches */

/* one plane under way */
struct lane {
  struct novita_resampler resampler;
  int width, height;           /* that it gets, as stored */
  int from, to;                /* source rows that count */
  int y;                       /* resampled rows so far */
};

/* zeroed first, so that it may be closed at any point */
struct work {
  struct novita_run *run;
  struct novita_encoding how;
  struct novita_encoder encoder;
  struct novita_layout layout;
  struct lane lane[NOVITA_PLANES];
  int flows;                   /* rows go out as they come, through */
  struct novita_strips strips;
  struct novita_planes held;   /* or all of them are held here, */
  struct novita_pixels row;    /* each turned from here */
};


int novita_run_takes_planes (const struct novita_run *run) {
  const struct novita_prepare *wish = run->wish;
  return run->decoder.info.planes != 0 && wish->planes && !wish->lenient &&
         !wish->linear &&
         !novita_colour_converts(&run->colour) && novita_run_fills(run);
}


static int open_encoder (struct work *w, struct novita_error *e) {
  const struct novita_plan *plan = &w->run->plan;
  int count = w->flows ? w->strips.rows.count : w->held.count;
  return novita_encoder_open(&w->encoder, &w->how, plan->width, plan->height,
                             count, w->run->out, e);
}


/* where resampled rows go; an encoder that must wait is opened when its time
** comes */
static int open_small (struct work *w, struct novita_error *e) {
  const struct novita_plan *plan = &w->run->plan;
  int chroma = novita_encoder_chroma(&w->how), count = NOVITA_PLANES;
  if (w->layout.count == 1) count = novita_encoder_channels(w->how.format, 1);
  w->flows = w->run->decoder.info.orientation == NOVITA_UPRIGHT &&
             novita_encoder_takes_bands(&w->how);
  if (w->flows)
    return novita_strips_open(&w->strips, plan->width, plan->height, count,
                              w->layout.count, chroma, e) == 0
           ? open_encoder(w, e) : -1;
  if (novita_pixels_open(&w->row, plan->stored_width + 1, 1, 1, UINT64_MAX,
                         e) != 0) return -1;
  return novita_planes_open(&w->held, plan->width, plan->height, count,
                            chroma, e);
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
  struct lane *lane = &w->lane[i];
  struct novita_plane_job part;
  struct novita_resample job;
  struct novita_resample_how how = {0};
  part.width = info->width;
  part.height = info->height;
  part.orientation = info->orientation;
  part.samples_x = w->layout.plane[i].samples_x;
  part.samples_y = w->layout.plane[i].samples_y;
  part.pixels = i > 0 && novita_encoder_chroma(&w->how) == 420 ? 2 : 1;
  job.source_width = w->layout.plane[i].width;
  job.source_height = w->layout.plane[i].height;
  job.channels = 1;
  job.box = novita_plan_plane(&w->run->plan, &part, &lane->width,
                              &lane->height);
  job.width = lane->width;
  job.height = lane->height;
  job.filter = w->run->wish->filter;
  how.cache = w->run->cache;
  if (novita_resampler_open(&lane->resampler, &job, &how, e) != 0) return -1;
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


static int open_work (struct work *w, struct novita_error *e) {
  int i;
  if (novita_decoder_planes(&w->run->decoder, &w->layout, e) != 0 ||
      open_small(w, e) != 0 ||
      novita_measure_open(&w->run->measure, w->run->plan.width,
                          w->run->plan.height, w->run->cache, e) != 0)
    return -1;
  for (i = 0; i < w->layout.count; i++) {
    if (open_lane(w, i, e) != 0) return -1;
    want(w, i);
  }
  return 0;
}


/* Before a result that was held takes its room. */
static void close_source (struct work *w) {
  int i;
  for (i = 0; i < NOVITA_PLANES; i++)
    novita_resampler_close(&w->lane[i].resampler);
  novita_decoder_close(&w->run->decoder);
  novita_bytes_close(&w->run->bytes);
}


static void close_work (struct work *w) {
  close_source(w);
  novita_encoder_close(&w->encoder);
  novita_strips_close(&w->strips);
  novita_planes_close(&w->held);
  novita_pixels_close(&w->row);
}


static int put_rows (struct work *w, const struct novita_planes *rows,
                     struct novita_error *e) {
  int y;
  for (y = 0; y < rows->height; y++)
    novita_measure_row(&w->run->measure,
                       novita_pixels_row(&rows->plane[0].pixels, y), 1);
  novita_planes_pad(rows);
  return novita_encoder_planes(&w->encoder, rows, e);
}


/* a plane's resampled rows, as many as there are */
static int take (struct work *w, int i, struct novita_error *e) {
  struct lane *lane = &w->lane[i];
  uint8_t *row;
  while (!novita_resampler_done(&lane->resampler)) {
    row = w->flows ? novita_strips_slot(&w->strips, i, e) : w->row.data;
    if (row == NULL) return -1;
    if (!novita_resampler_take(&lane->resampler, row)) return 0;
    if (w->flows) novita_strips_put(&w->strips, i);
    else
      novita_orient_row(&w->held.plane[i].pixels, 0, 0,
                        w->run->decoder.info.orientation, lane->width,
                        lane->height, lane->y++, row);
  }
  return 0;
}


/* The rows of one plane in a band, straight from the decoder's memory. */
static int feed (struct work *w, int i, const struct novita_plane_band *band,
                 struct novita_error *e) {
  const uint8_t *rows = band->plane[i].data;
  size_t stride = band->plane[i].stride;
  int y = 0, n = band->plane[i].rows;
  while (y < n) {
    y += novita_resampler_give(&w->lane[i].resampler,
                               rows + (size_t)y * stride, (ptrdiff_t)stride,
                               n - y);
    if (take(w, i, e) != 0) return -1;
  }
  return 0;
}


/* what all planes have rows for */
static int put_strips (struct work *w, struct novita_error *e) {
  struct novita_planes band;
  while (w->flows && novita_strips_band(&w->strips, &band)) {
    if (put_rows(w, &band, e) != 0) return -1;
    novita_strips_drop(&w->strips, &band);
  }
  return 0;
}


/* Bands below the box change nothing, but are decoded: only so is it known
** that the file is whole. */
static int pump (struct work *w, struct novita_error *e) {
  struct novita_decoder *d = &w->run->decoder;
  struct novita_plane_band band;
  int i;
  while (d->next < d->height) {
    if (novita_decoder_band(d, &band, e) != 0) return -1;
    for (i = 0; i < w->layout.count; i++)
      if (feed(w, i, &band, e) != 0) return -1;
    if (put_strips(w, e) != 0) return -1;
  }
  return novita_decoder_finish(d, e);
}


static int put_held (struct work *w, struct novita_error *e) {
  if (w->flows) return 0;
  close_source(w);
  return open_encoder(w, e) == 0 ? put_rows(w, &w->held, e) : -1;
}


int novita_run_planes (struct novita_run *run, struct novita_error *e) {
  struct work w;
  int r = -1;
  memset(&w, 0, sizeof w);
  w.run = run;
  novita_prepare_encoding(run->wish, &w.how);
  w.how.planes = 1;
  if (open_work(&w, e) == 0 && pump(&w, e) == 0 && put_held(&w, e) == 0)
    r = novita_encoder_finish(&w.encoder, e);
  close_work(&w);
  return r;
}
