/*
** planes.c: processes a JPEG photo in its own colours. Y, Cb and Cr are each
** resized from their resolution to the one that the encoder needs. So no colour
** is interpolated twice, and nothing is converted for a JPEG or WebP.
**
**   decoder's row blocks -> a resampler per plane -> row queue -> encoder
**
** If the result must be rotated or kept, or the encoder takes only whole
** images, planes instead of the queue hold the result until the last row.
*/
#include <string.h>

#include "../codec/exif.h"
#include "../codec/planes.h"
#include "../formats/formats.h"
#include "orient.h"
#include "pipeline.h"
#include "row_queue.h"

#define WIDEST 3  /* reach of the widest filter in target samples */

/* state of one plane */
struct plane {
  struct novita_resampler resampler;
  int width, height;           /* after resampling, as stored */
  int from, to;                /* source rows that are used */
  int y;                       /* resampled rows so far */
};

/* zeroed first, so that it can be closed at any point */
struct work {
  struct novita_pipeline *pipeline;
  struct novita_encoder_options encoding;
  struct novita_encoder encoder;
  struct novita_plane_layout layout;
  struct plane plane[NOVITA_PLANES];
  bool flows;                  /* rows are encoded as they come, through */
  struct novita_row_queue queue;
  struct novita_planes held;   /* or all of them are held here, */
  bool turns;                  /* each rotated from here: */
  struct novita_pixels row;
};


bool novita_prepare_planes_applies (const struct novita_pipeline *pipeline) {
  const struct novita_prepare_options *options = pipeline->options;
  return pipeline->decoder.info.planes != 0 && options->planes &&
         !options->lenient &&
         !options->linear &&
         !novita_colour_converts(&pipeline->colour) &&
         novita_geometry_fills(&pipeline->plan);
}


static int open_encoder (struct work *w, struct novita_error *e) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  int count = w->flows ? w->queue.rows.count : w->held.count;
  return novita_formats_open_encoder(&w->encoder, &w->encoding, plan->width,
                                     plan->height, count, w->pipeline->out, e);
}


/* Opens the memory for resampled rows. If the whole result must be held, its
** encoder is opened later. */
static int open_small (struct work *w, struct novita_error *e) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  int chroma = novita_encoder_chroma(&w->encoding), count = NOVITA_PLANES;
  if (w->layout.count == 1) count = novita_encoder_channels(w->encoding.format,
                                                            1);
  w->turns = w->pipeline->decoder.info.orientation != NOVITA_EXIF_UPRIGHT;
  w->flows = !w->turns && !w->pipeline->keeps &&
             novita_formats_take_row_blocks(&w->encoding);
  if (w->flows)
    return novita_row_queue_open(&w->queue, plan->width, plan->height, count,
                                 w->layout.count, chroma, e) == 0
           ? open_encoder(w, e) : -1;
  if (novita_pixels_open(&w->row, plan->stored_width + 1, 1, 1, UINT64_MAX,
                         e) != 0) return -1;
  if (novita_planes_open(&w->held, plan->width, plan->height, count, chroma,
                         e) != 0) return -1;
  if (!w->pipeline->keeps || count > w->layout.count)
    novita_planes_clear(&w->held);
  return 0;
}


/* The rows that the filter may reach, and a few more. */
static void find_rows (struct plane *plane,
                       const struct novita_resample_job *job) {
  double step = job->box.height / job->height;
  double reach = WIDEST * (step > 1 ? step : 1) + 2;
  double from = job->box.y - reach, to = job->box.y + job->box.height + reach;
  plane->from = from > 0 ? (int)from : 0;
  plane->to = to < job->source_height ? (int)to : job->source_height;
}


static int open_plane (struct work *w, int i, struct novita_error *e) {
  const struct novita_image_info *info = &w->pipeline->decoder.info;
  struct plane *plane = &w->plane[i];
  struct novita_plane_geometry part;
  struct novita_resample_job job;
  struct novita_resample_options resampling = {0};
  part.width = info->width;
  part.height = info->height;
  part.orientation = info->orientation;
  part.samples_x = w->layout.plane[i].samples_x;
  part.samples_y = w->layout.plane[i].samples_y;
  part.pixels = i > 0 && novita_encoder_chroma(&w->encoding) == 420 ? 2 : 1;
  job.source_width = w->layout.plane[i].width;
  job.source_height = w->layout.plane[i].height;
  job.channels = 1;
  job.box = novita_geometry_plane(&w->pipeline->plan, &part, &plane->width,
                                  &plane->height);
  job.width = plane->width;
  job.height = plane->height;
  job.filter = w->pipeline->options->filter;
  resampling.cache = w->pipeline->cache;
  if (novita_resample_open(&plane->resampler, &job, &resampling,
                           e) != 0) return -1;
  find_rows(plane, &job);
  return 0;
}


static void set_window (struct work *w, int i) {
  const struct plane *plane = &w->plane[i];
  struct novita_plane_window *window = &w->pipeline->decoder.window[i];
  window->left = plane->resampler.left;
  window->right = plane->resampler.left + plane->resampler.columns;
  window->top = plane->from;
  window->bottom = plane->to;
}


static int open_measure (struct work *w, struct novita_error *e) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  if (w->pipeline->keeps) return 0;
  return novita_measure_open(&w->pipeline->measure, plan->width, plan->height,
                             w->pipeline->cache, e);
}


static int open_work (struct work *w, struct novita_error *e) {
  int i;
  if (novita_decoder_planes(&w->pipeline->decoder, &w->layout, e) != 0 ||
      open_small(w, e) != 0 || open_measure(w, e) != 0) return -1;
  for (i = 0; i < w->layout.count; i++) {
    if (open_plane(w, i, e) != 0) return -1;
    set_window(w, i);
  }
  return 0;
}


/* Called before a held result takes its memory. */
static void close_source (struct work *w) {
  int i;
  for (i = 0; i < NOVITA_PLANES; i++)
    novita_resample_close(&w->plane[i].resampler);
  novita_decoder_close(&w->pipeline->decoder);
  novita_source_close(&w->pipeline->bytes);
}


static void close_work (struct work *w) {
  close_source(w);
  novita_encoder_close(&w->encoder);
  novita_row_queue_close(&w->queue);
  novita_planes_close(&w->held);
  novita_pixels_close(&w->row);
}


static int put_rows (struct work *w, const struct novita_planes *rows,
                     struct novita_error *e) {
  int y;
  for (y = 0; y < rows->height; y++)
    novita_measure_row(&w->pipeline->measure,
                       novita_pixels_row(&rows->plane[0].pixels, y), 1);
  novita_planes_pad(rows);
  return novita_encoder_planes(&w->encoder, rows, e);
}


/* where the next resampled row goes */
static uint8_t *slot (struct work *w, int i, struct novita_error *e) {
  if (w->flows) return novita_row_queue_slot(&w->queue, i, e);
  if (w->turns) return w->row.data;
  return novita_pixels_row(&w->held.plane[i].pixels, w->plane[i].y);
}


static void put (struct work *w, int i, const uint8_t *row) {
  struct plane *plane = &w->plane[i];
  if (w->flows) novita_row_queue_put(&w->queue, i);
  else if (w->turns)
    novita_orient_row(&w->held.plane[i].pixels, 0, 0,
                      w->pipeline->decoder.info.orientation, plane->width,
                      plane->height, plane->y, row);
  plane->y++;
}


/* takes all available resampled rows of a plane */
static int take (struct work *w, int i, struct novita_error *e) {
  struct novita_resampler *r = &w->plane[i].resampler;
  while (!novita_resample_done(r)) {
    uint8_t *row = slot(w, i, e);
    if (row == NULL) return -1;
    if (!novita_resample_take(r, row)) return 0;
    put(w, i, row);
  }
  return 0;
}


/* feeds one plane of a row block, directly from the decoder's memory */
static int feed (struct work *w, int i,
                 const struct novita_plane_row_block *row_block,
                 struct novita_error *e) {
  const uint8_t *rows = row_block->plane[i].data;
  size_t stride = row_block->plane[i].stride;
  int y = 0, n = row_block->plane[i].rows;
  while (y < n) {
    y += novita_resample_give(&w->plane[i].resampler, rows + (size_t)y * stride,
                              (ptrdiff_t)stride, n - y);
    if (take(w, i, e) != 0) return -1;
  }
  return 0;
}


/* encodes the rows that are complete in all planes */
static int put_queue (struct work *w, struct novita_error *e) {
  struct novita_planes row_block;
  while (w->flows && novita_row_queue_row_block(&w->queue, &row_block)) {
    if (put_rows(w, &row_block, e) != 0) return -1;
    novita_row_queue_drop(&w->queue, &row_block);
  }
  return 0;
}


/* Row blocks below the box do not affect the result, but are decoded to check
** that the file is complete. */
static int pump (struct work *w, struct novita_error *e) {
  struct novita_decoder *d = &w->pipeline->decoder;
  struct novita_plane_row_block row_block;
  int i;
  while (d->next < d->height) {
    if (novita_decoder_row_block(d, &row_block, e) != 0) return -1;
    for (i = 0; i < w->layout.count; i++)
      if (feed(w, i, &row_block, e) != 0) return -1;
    if (put_queue(w, e) != 0) return -1;
  }
  return novita_decoder_finish(d, e);
}


static int put_held (struct work *w, struct novita_error *e) {
  if (w->flows) return 0;
  close_source(w);
  return open_encoder(w, e) == 0 ? put_rows(w, &w->held, e) : -1;
}


static int finish (struct work *w, struct novita_error *e) {
  if (!w->pipeline->keeps)
    return put_held(w, e) == 0 ? novita_encoder_finish(&w->encoder, e) : -1;
  w->pipeline->resized.planes = w->held;
  memset(&w->held, 0, sizeof w->held);
  return 0;
}


int novita_prepare_planes_run (struct novita_pipeline *pipeline,
                               struct novita_error *e) {
  struct work w;
  int r = -1;
  memset(&w, 0, sizeof w);
  w.pipeline = pipeline;
  novita_prepare_options_encoder(pipeline->options, &w.encoding);
  w.encoding.planes = true;
  if (open_work(&w, e) == 0 && pump(&w, e) == 0) r = finish(&w, e);
  close_work(&w);
  return r;
}
