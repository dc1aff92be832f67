/*
** rows.c: processes a photo as rows of gray or RGB:
**
**   decoder -> (alpha on the background) -> resampler -> sRGB -> encoder
**
** Alpha is composited on the background before resampling. The result is the
** same as resampling premultiplied colours and compositing afterwards (both are
** weighted sums), with one channel less and without rounding the product. With
** 'linear', both happen in linear light. The background is sRGB, so colours
** with alpha are converted to sRGB before that. So are samples of 16 bits,
** which the resampler does not support. All others are converted afterwards.
** The whole result is held before encoding only if it must be rotated, mirrored
** or framed, or if it is to be kept.
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/alpha.h"
#include "../codec/exif.h"
#include "../codec/pixels.h"
#include "../formats/formats.h"
#include "../resample/linear.h"
#include "orient.h"
#include "pipeline.h"

#define RGB 3
#define MORE_ROWS 16   /* that a resampler keeps with any filter */
#define CMYK 4

/* zeroed first, so that it can be closed at any point */
struct work {
  struct novita_pipeline *pipeline;
  struct novita_resampler resampler;
  struct novita_encoder encoder;
  struct novita_pixels held;   /* the result, if rows cannot be encoded as they
                               ** come */
  uint8_t *raw;                /* a decoded row, if it has alpha */
  uint16_t *wide;              /* a decoded row, if it has 16 bits */
  uint8_t *small;              /* a resampled row */
  uint8_t *ready;              /* the same, converted for the encoder */
  int channels;                /* of the resampler: 1, 3, or 4 for CMYK */
  int encoded;                 /* channels for the encoder: 1 or 3 */
  int y;                       /* resampled rows so far */
};


/* The box is in full-size pixels; the decoded rows may be smaller. */
static int open_resampler (struct work *w, struct novita_error *e) {
  struct novita_decoder *d = &w->pipeline->decoder;
  const struct novita_geometry *plan = &w->pipeline->plan;
  double shrink = d->divisor;
  struct novita_resample_job job;
  struct novita_resample_options resampling = {0};
  double rows;  /* about as many as the resampler keeps */
  uint64_t memory;
  job.source_width = d->width;
  job.source_height = d->height;
  job.channels = w->channels;
  job.box = plan->box;
  job.box.x /= shrink;
  job.box.y /= shrink;
  job.box.width /= shrink;
  job.box.height /= shrink;
  job.width = plan->stored_width;
  job.height = plan->stored_height;
  job.filter = w->pipeline->options->filter;
  resampling.linear = w->pipeline->options->linear;
  resampling.cache = w->pipeline->cache;
  rows = 6 * job.box.height / job.height + MORE_ROWS;
  if (rows > d->height + MORE_ROWS) rows = d->height + MORE_ROWS;
  memory = (uint64_t)rows * (uint64_t)d->width * (uint64_t)w->channels;
  if (novita_decoder_check_memory(d, memory, e) != 0 ||
      novita_decoder_reserve(d, memory, e) != 0) return -1;
  return novita_resample_open(&w->resampler, &job, &resampling, e);
}


static void fill_background (const struct work *w) {
  size_t i, n = (size_t)w->held.width * (size_t)w->held.height;
  for (i = 0; i < n && w->encoded == RGB; i++)
    memcpy(w->held.data + i * RGB, w->pipeline->options->background, RGB);
}


static bool flows_through (const struct work *w) {
  return w->pipeline->decoder.info.orientation == NOVITA_EXIF_UPRIGHT &&
         novita_geometry_fills(&w->pipeline->plan) && !w->pipeline->keeps;
}


static int reserve (struct work *w, struct novita_error *e) {
  const struct novita_decoder *d = &w->pipeline->decoder;
  const struct novita_geometry *plan = &w->pipeline->plan;
  size_t width = (size_t)plan->stored_width;
  size_t samples = (size_t)d->width * (size_t)d->info.channels;
  bool mixed = d->info.channels != w->channels;
  w->small = malloc(width * (size_t)w->channels);
  w->ready = malloc(width * RGB);
  if (mixed) w->raw = malloc(samples);
  if (d->info.wide) w->wide = malloc(samples * sizeof *w->wide);
  if (w->small == NULL || w->ready == NULL || (mixed && w->raw == NULL) ||
      (d->info.wide && w->wide == NULL)) return novita_error_set_memory(e);
  if (flows_through(w)) return 0;
  if (novita_pixels_open(&w->held, plan->width, plan->height, w->encoded,
                         w->pipeline->options->limits.output_pixels,
                         e) != 0) return -1;
  fill_background(w);
  return 0;
}


static int open_encoder (struct work *w, struct novita_error *e) {
  struct novita_encoder_options encoding;
  if (w->pipeline->keeps) return 0;
  novita_prepare_options_encoder(w->pipeline->options, &encoding);
  return novita_formats_open_encoder(&w->encoder, &encoding,
                                     w->pipeline->plan.width,
                                     w->pipeline->plan.height, w->encoded,
                                     w->pipeline->out, e);
}


/* converts the resampled row to sRGB, unless that happened before resampling */
static void make_ready (struct work *w) {
  const struct novita_colour *colour = &w->pipeline->colour;
  const uint8_t *row = w->small;
  int n = w->pipeline->plan.stored_width, channels = w->channels;
  if (novita_colour_converts(colour) && w->raw == NULL && w->wide == NULL) {
    uint8_t *to = channels == 1 ? w->small : w->ready;
    novita_colour_row(colour, to, row, n);
    row = to;
    if (channels == CMYK) channels = RGB;
  }
  if (row != w->ready || channels != w->encoded)
    novita_alpha_convert_row(w->ready, w->encoded, row, channels, n,
                             w->pipeline->options->background);
}


static int put_row (struct work *w, struct novita_error *e) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  make_ready(w);
  if (w->held.data == NULL) {
    novita_measure_row(&w->pipeline->measure, w->ready, w->encoded);
    return novita_encoder_row(&w->encoder, w->ready, e);
  }
  novita_orient_row(&w->held, plan->left, plan->top,
                    w->pipeline->decoder.info.orientation, plan->stored_width,
                    plan->stored_height, w->y++, w->ready);
  return 0;
}


/* the next row with 8 bits; in sRGB if it has 16 in the file */
static int decode_row (struct work *w, uint8_t *row, struct novita_error *e) {
  struct novita_decoder *d = &w->pipeline->decoder;
  if (w->wide == NULL) return novita_decoder_row(d, row, e);
  if (novita_decoder_row(d, (uint8_t *)w->wide, e) != 0) return -1;
  novita_colour_wide_row(&w->pipeline->colour, row, w->wide, d->width,
                         d->info.channels);
  return 0;
}


static int get_row (struct work *w, uint8_t *slot, struct novita_error *e) {
  struct novita_decoder *d = &w->pipeline->decoder;
  if (w->raw == NULL) return decode_row(w, slot, e);
  if (decode_row(w, w->raw, e) != 0) return -1;
  if (novita_colour_converts(&w->pipeline->colour) && w->wide == NULL)
    novita_colour_alpha_row(&w->pipeline->colour, w->raw, d->width);
  if (w->pipeline->options->linear)
    novita_linear_composite(novita_linear(), slot, w->raw, d->width,
                            d->info.channels, w->pipeline->options->background);
  else
    novita_alpha_flatten_row(slot, w->raw, d->width, d->info.channels,
                             w->pipeline->options->background);
  return 0;
}


/* Rows below the box do not affect the result, but are decoded to check that
** the file is complete. */
static int pump (struct work *w, struct novita_error *e) {
  struct novita_decoder *d = &w->pipeline->decoder;
  int y;
  for (y = 0; y < d->height; y++) {
    if (get_row(w, novita_resample_slot(&w->resampler), e) != 0) return -1;
    novita_resample_feed(&w->resampler);
    while (novita_resample_take(&w->resampler, w->small))
      if (put_row(w, e) != 0) return -1;
  }
  return novita_decoder_finish(d, e);
}


/* if there is a frame, measures only the image inside it */
static void measure_held (struct work *w, int y) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  if (y >= plan->top && y < plan->top + plan->shown_height)
    novita_measure_row(&w->pipeline->measure, novita_pixels_row(&w->held, y) +
                       (size_t)plan->left * (size_t)w->encoded, w->encoded);
}


static int put_held (struct work *w, struct novita_error *e) {
  int y;
  for (y = 0; y < w->held.height; y++) {
    measure_held(w, y);
    if (novita_encoder_row(&w->encoder, novita_pixels_row(&w->held, y),
                           e) != 0) return -1;
  }
  return 0;
}


static int finish (struct work *w, struct novita_error *e) {
  if (!w->pipeline->keeps)
    return put_held(w, e) == 0 ? novita_encoder_finish(&w->encoder, e) : -1;
  w->pipeline->resized.pixels = w->held;
  w->held.data = NULL;
  return 0;
}


static void close_work (struct work *w) {
  novita_encoder_close(&w->encoder);
  novita_resample_close(&w->resampler);
  novita_pixels_close(&w->held);
  free(w->raw);
  free(w->wide);
  free(w->small);
  free(w->ready);
}


/* Gray stays gray, unless a background may add colour. */
static void choose_channels (struct work *w) {
  const struct novita_image_info *info = &w->pipeline->decoder.info;
  enum novita_format format = w->pipeline->options->format;
  bool is_cmyk = info->cmyk && info->channels == CMYK;
  w->channels = info->channels == 1 || is_cmyk ? info->channels : RGB;
  w->encoded = w->channels == 1 && novita_geometry_fills(&w->pipeline->plan)
               ? novita_encoder_channels(format, 1) : RGB;
}


static int open_measure (struct work *w, struct novita_error *e) {
  const struct novita_geometry *plan = &w->pipeline->plan;
  if (w->pipeline->keeps) return 0;
  return novita_measure_open(&w->pipeline->measure, plan->shown_width,
                             plan->shown_height, w->pipeline->cache, e);
}


int novita_prepare_rows_run (struct novita_pipeline *pipeline,
                             struct novita_error *e) {
  struct work w;
  int r = -1;
  memset(&w, 0, sizeof w);
  w.pipeline = pipeline;
  choose_channels(&w);
  if (open_resampler(&w, e) == 0 && reserve(&w, e) == 0 &&
      open_measure(&w, e) == 0 &&
      open_encoder(&w, e) == 0 && pump(&w, e) == 0)
    r = finish(&w, e);
  close_work(&w);
  return r;
}
