/*
** reduce.c: see reduce.h
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/alpha.h"
#include "../codec/exif.h"
#include "../colour/decoder_colour.h"
#include "../formats/formats.h"
#include "../resample/resample.h"
#include "orient.h"
#include "reduce.h"

#define RGB 3
#define MOST_CHANNELS 4
#define MORE_ROWS 16   /* that a resampler keeps with any filter */
#define FILTER NOVITA_FILTER_LANCZOS3

/* zeroed first, so that it can be closed at any point */
struct work {
  struct novita_source_reader bytes;
  struct novita_decoder decoder;
  struct novita_colour colour;
  struct novita_resampler resampler;
  int width, height;        /* of the reduced image, as stored */
  uint8_t *raw;             /* a decoded row */
  uint8_t *small;           /* a resampled row */
};


/* the shorter or longer side of the reduced image */
static int scaled (int v, int longer, int side) {
  int n = (int)lround((double)v * side / longer);
  return n < 1 ? 1 : n;
}


static int longer_of (int width, int height) {
  return width > height ? width : height;
}


static int open_photo (struct work *w, const struct novita_source *source,
                       const struct novita_limits *limits, bool lenient,
                       struct novita_error *e) {
  if (novita_source_open(&w->bytes, source, limits->bytes, e) != 0) return -1;
  if (novita_formats_open_decoder(&w->decoder, &w->bytes, limits, lenient,
                                  e) != 0) return -1;
  return novita_decoder_colour(&w->decoder, &w->colour, e);
}


/* a JPEG costs less at a fraction of its size */
static int shrink (struct work *w, int side, struct novita_error *e) {
  int longer = longer_of(w->decoder.info.width, w->decoder.info.height);
  int divisor = 1;
  while (divisor < 8 && longer / (2 * divisor) >= side) divisor *= 2;
  return novita_decoder_shrink(&w->decoder, divisor, e);
}


static int open_resampler (struct work *w, struct novita_error *e) {
  const struct novita_image_info *info = &w->decoder.info;
  double divisor = w->decoder.divisor;
  struct novita_resample_options options = {0};
  struct novita_resample_job job;
  job.source_width = w->decoder.width;
  job.source_height = w->decoder.height;
  job.channels = RGB;
  job.box.x = job.box.y = 0;
  job.box.width = fmin(info->width / divisor, job.source_width);
  job.box.height = fmin(info->height / divisor, job.source_height);
  job.width = w->width;
  job.height = w->height;
  job.filter = FILTER;
  return novita_resample_open(&w->resampler, &job, &options, e);
}


/* about what the resampler keeps, and the rows of this file */
static uint64_t memory_needed (const struct work *w) {
  const struct novita_decoder *d = &w->decoder;
  double rows = 6.0 * d->height / w->height + MORE_ROWS;
  if (rows > d->height + MORE_ROWS) rows = d->height + MORE_ROWS;
  return (uint64_t)rows * (uint64_t)d->width * RGB;
}


static int reserve (struct work *w, int side, struct novita_error *e) {
  const struct novita_image_info *info = &w->decoder.info;
  int longer = longer_of(info->width, info->height);
  uint64_t memory;
  size_t sample = (size_t)novita_decoder_sample_size(&w->decoder);
  w->width = scaled(info->width, longer, side);
  w->height = scaled(info->height, longer, side);
  memory = memory_needed(w);
  if (novita_decoder_check_memory(&w->decoder, memory, e) != 0 ||
      novita_decoder_reserve(&w->decoder, memory, e) != 0) return -1;
  w->raw = malloc((size_t)w->decoder.width * MOST_CHANNELS * sample);
  w->small = malloc((size_t)w->width * RGB);
  if (w->raw == NULL || w->small == NULL) return novita_error_set_memory(e);
  return open_resampler(w, e);
}


static int pump (struct work *w, const struct novita_pixels *out,
                 struct novita_error *e) {
  static const uint8_t white[RGB] = {255, 255, 255};
  struct novita_decoder *d = &w->decoder;
  int y, made = 0;
  for (y = 0; y < d->height; y++) {
    if (novita_decoder_row(d, w->raw, e) != 0) return -1;
    novita_alpha_convert_row(novita_resample_slot(&w->resampler), RGB, w->raw,
                             novita_decoder_colour_row(d, &w->colour, w->raw),
                             d->width, white);
    novita_resample_feed(&w->resampler);
    while (novita_resample_take(&w->resampler, w->small))
      novita_orient_row(out, 0, 0, d->info.orientation, w->width, w->height,
                        made++, w->small);
  }
  return novita_decoder_finish(d, e);
}


static int reduce (struct work *w, struct novita_pixels *out, int side,
                   struct novita_error *e) {
  bool turned = novita_exif_swaps_sides(w->decoder.info.orientation);
  int r;
  if (shrink(w, side, e) != 0 || reserve(w, side, e) != 0) return -1;
  if (novita_pixels_open(out, turned ? w->height : w->width,
                         turned ? w->width : w->height, RGB,
                         (uint64_t)side * (uint64_t)side, e) != 0) return -1;
  r = pump(w, out, e);
  if (r != 0) novita_pixels_close(out);
  return r;
}


static void close_work (struct work *w) {
  novita_resample_close(&w->resampler);
  free(w->raw);
  free(w->small);
  novita_colour_close(&w->colour);
  novita_decoder_close(&w->decoder);
  novita_source_close(&w->bytes);
}


int novita_reduce_photo (struct novita_pixels *out,
                         const struct novita_source *source,
                         const struct novita_limits *limits, bool lenient,
                         int side, int *width, int *height,
                         struct novita_error *e) {
  struct work w;
  int r;
  memset(&w, 0, sizeof w);
  r = open_photo(&w, source, limits, lenient, e);
  if (r == 0) r = reduce(&w, out, side, e);
  if (r == 0) {
    bool turned = novita_exif_swaps_sides(w.decoder.info.orientation);
    *width = turned ? w.decoder.info.height : w.decoder.info.width;
    *height = turned ? w.decoder.info.width : w.decoder.info.height;
  }
  close_work(&w);
  return r;
}


/* {====== of an image in memory ====== */

/* Shrinking much, the filter need not be good: it averages enough pixels. */
static enum novita_filter filter_for (double width, int target) {
  return width >= 3.0 * target ? NOVITA_FILTER_BOX : FILTER;
}


/* 'in' has width x height samples, perhaps with a fraction */
static int resize (const struct novita_plane *out,
                   const struct novita_plane *in, double width, double height,
                   struct novita_weights_cache *cache,
                   struct novita_error *e) {
  struct novita_resample_options options = {0};
  struct novita_resampler r;
  struct novita_resample_job job = {
    in->width, in->height, in->pixels.channels, {0, 0, width, height},
    out->width, out->height, filter_for(width, out->width)
  };
  int y = 0, made = 0;
  options.cache = cache;
  if (novita_resample_open(&r, &job, &options, e) != 0) return -1;
  while (!novita_resample_done(&r)) {
    y += novita_resample_give(&r, novita_pixels_row(&in->pixels, y),
                              (ptrdiff_t)novita_pixels_stride(&in->pixels),
                              in->height - y);
    while (made < out->height &&
           novita_resample_take(&r, novita_pixels_row(&out->pixels, made)))
      made++;
  }
  novita_resample_close(&r);
  return 0;
}


/* RGB; the longer side of the image of width x height gets 'side' pixels */
static int open_small (struct novita_pixels *out, int width, int height,
                       int side, struct novita_error *e) {
  int longer = longer_of(width, height);
  return novita_pixels_open(out, scaled(width, longer, side),
                            scaled(height, longer, side), RGB,
                            (uint64_t)side * (uint64_t)side, e);
}


int novita_reduce_pixels (struct novita_pixels *out,
                          const struct novita_pixels *in, int side,
                          struct novita_weights_cache *cache,
                          struct novita_error *e) {
  struct novita_plane from = {*in, in->width, in->height}, to;
  if (open_small(out, in->width, in->height, side, e) != 0) return -1;
  to.pixels = *out;
  to.width = out->width;
  to.height = out->height;
  if (resize(&to, &from, in->width, in->height, cache, e) == 0) return 0;
  novita_pixels_close(out);
  return -1;
}


/* If there is only Y, Cb and Cr stay neutral. */
static int resize_planes (const struct novita_planes *out,
                          const struct novita_planes *in,
                          struct novita_weights_cache *cache,
                          struct novita_error *e) {
  int i;
  for (i = 0; i < in->count; i++) {
    const struct novita_plane *plane = &in->plane[i];
    double width = plane->width < in->width ? in->width / 2.0 : in->width;
    double height = plane->height < in->height ? in->height / 2.0 : in->height;
    if (resize(&out->plane[i], plane, width, height, cache, e) != 0) return -1;
  }
  return 0;
}


int novita_reduce_planes (struct novita_pixels *out,
                          const struct novita_planes *in, int side,
                          struct novita_weights_cache *cache,
                          struct novita_error *e) {
  struct novita_planes small;
  int y, r;
  if (open_small(out, in->width, in->height, side, e) != 0) return -1;
  r = novita_planes_open(&small, out->width, out->height, NOVITA_PLANES, 444,
                         e);
  if (r == 0 && in->count == 1) novita_planes_clear(&small);
  if (r == 0) r = resize_planes(&small, in, cache, e);
  for (y = 0; y < out->height && r == 0; y++)
    novita_planes_rgb(&small, y, novita_pixels_row(out, y));
  novita_planes_close(&small);
  if (r != 0) novita_pixels_close(out);
  return r;
}

/* }====== */
