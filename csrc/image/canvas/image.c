/*
** image.c: see image.h
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/alpha.h"
#include "../codec/exif.h"
#include "../colour/decoder_colour.h"
#include "../formats/formats.h"
#include "../prepare/geometry.h"
#include "../prepare/orient.h"
#include "image.h"


static int load_rows (struct novita_decoder *d, const struct novita_colour *c,
                      struct novita_pixels *out, uint8_t *raw, uint8_t *row,
                      const uint8_t *background, struct novita_error *e) {
  const struct novita_image_info *info = &d->info;
  int y;
  for (y = 0; y < info->height; y++) {
    if (novita_decoder_row(d, raw, e) != 0) return -1;
    novita_alpha_convert_row(row, out->channels, raw,
                             novita_decoder_colour_row(d, c, raw), info->width,
                             background);
    novita_orient_row(out, 0, 0, info->orientation, info->width, info->height,
                      y, row);
  }
  return novita_decoder_finish(d, e);
}


#define CONVERTED 4  /* bytes per pixel of a row, at most */

/* bytes per pixel of the decoded and the converted row together */
static size_t bytes_of_rows (const struct novita_decoder *d) {
  return CONVERTED + 4 * (size_t)novita_decoder_sample_size(d);
}


/* The image counts against the decoder's memory limit: a PNG of a few kilobytes
** may need gigabytes, and so may the single row of an image that is one line
** high. */
static int check_memory (const struct novita_decoder *d, int channels,
                         struct novita_error *e) {
  uint64_t width = (uint64_t)d->info.width, height = (uint64_t)d->info.height;
  if (novita_decoder_check_memory(d, width * bytes_of_rows(d), e) != 0)
    return -1;
  return novita_decoder_check_memory(d, width * height * (uint64_t)channels, e);
}


static int load_from (struct novita_decoder *d, const struct novita_colour *c,
                      struct novita_pixels *out, int channels,
                      const struct novita_prepare_options *options,
                      struct novita_error *e) {
  const struct novita_image_info *info = &d->info;
  bool turned = novita_exif_swaps_sides(info->orientation);
  int r;
  uint8_t *rows;
  if (channels == 0) channels = info->cmyk ? 3 : info->channels;
  if (check_memory(d, channels, e) != 0) return -1;
  if (novita_pixels_open(out, turned ? info->height : info->width,
                         turned ? info->width : info->height, channels,
                         options->limits.pixels, e) != 0) return -1;
  rows = malloc((size_t)info->width * bytes_of_rows(d));
  if (rows == NULL) r = novita_error_set_memory(e);
  else
    r = load_rows(d, c, out, rows + (size_t)info->width * CONVERTED, rows,
                  options->background, e);
  free(rows);
  if (r != 0) novita_pixels_close(out);
  return r;
}


int novita_image_load (struct novita_pixels *out,
                       const struct novita_source *source, int channels,
                       const struct novita_prepare_options *options,
                       struct novita_error *e) {
  struct novita_source_reader bytes;
  struct novita_decoder d;
  struct novita_colour c;
  int r;
  memset(&c, 0, sizeof c);
  memset(&d, 0, sizeof d);
  r = novita_source_open(&bytes, source, options->limits.bytes, e);
  if (r == 0)
    r = novita_formats_open_decoder(&d, &bytes, &options->limits,
                                    options->lenient, e);
  if (r == 0) r = novita_decoder_colour(&d, &c, e);
  if (r == 0) r = load_from(&d, &c, out, channels, options, e);
  novita_colour_close(&c);
  novita_decoder_close(&d);
  novita_source_close(&bytes);
  return r;
}


static uint8_t *row_start (const struct novita_pixels *out,
                           const struct novita_geometry *plan, int y) {
  return novita_pixels_row(out, plan->top + y) +
         (size_t)plan->left * (size_t)out->channels;
}


static void resize_rows (struct novita_resampler *r,
                         const struct novita_pixels *in,
                         const struct novita_pixels *out,
                         const struct novita_geometry *plan) {
  ptrdiff_t stride = (ptrdiff_t)novita_pixels_stride(in);
  int y = 0, n = 0;
  while (!novita_resample_done(r)) {
    y += novita_resample_give(r, novita_pixels_row(in, y), stride,
                              in->height - y);
    while (!novita_resample_done(r) &&
           novita_resample_take(r, row_start(out, plan, n))) n++;
  }
}


static void fill (const struct novita_pixels *p, const uint8_t *background) {
  uint8_t colour[4];
  size_t i, n = (size_t)p->width * (size_t)p->height;
  if (novita_pixels_has_alpha(p->channels)) return;  /* transparent */
  novita_alpha_convert_row(colour, p->channels, background, 3, 1, background);
  for (i = 0; i < n; i++)
    memcpy(p->data + i * (size_t)p->channels, colour, (size_t)p->channels);
}


int novita_image_resize (struct novita_pixels *out,
                         const struct novita_pixels *in,
                         const struct novita_prepare_options *options,
                         struct novita_error *e) {
  struct novita_geometry plan;
  struct novita_resampler r;
  struct novita_resample_job job;
  struct novita_resample_options resampling = {0};
  if (novita_geometry_make(&plan, options, in->width, in->height,
                           NOVITA_EXIF_UPRIGHT, e) != 0) return -1;
  job.source_width = in->width;
  job.source_height = in->height;
  job.channels = in->channels;
  job.box = plan.box;
  job.width = plan.shown_width;
  job.height = plan.shown_height;
  job.filter = options->filter;
  resampling.alpha = novita_pixels_has_alpha(in->channels);
  resampling.linear = options->linear;
  if (novita_resample_open(&r, &job, &resampling, e) != 0) return -1;
  if (novita_pixels_open(out, plan.width, plan.height, in->channels,
                         options->limits.output_pixels, e) != 0) {
    novita_resample_close(&r);
    return -1;
  }
  fill(out, options->background);
  resize_rows(&r, in, out, &plan);
  novita_resample_close(&r);
  return 0;
}


static int save_rows (struct novita_encoder *c, const struct novita_pixels *in,
                      const uint8_t *background, struct novita_error *e) {
  int y, r = 0;
  uint8_t *row = malloc((size_t)in->width * (size_t)c->channels);
  if (row == NULL) return novita_error_set_memory(e);
  for (y = 0; r == 0 && y < in->height; y++) {
    novita_alpha_convert_row(row, c->channels, novita_pixels_row(in, y),
                             in->channels, in->width, background);
    r = novita_encoder_row(c, row, e);
  }
  free(row);
  return r == 0 ? novita_encoder_finish(c, e) : -1;
}


int novita_image_save (struct novita_buffer *out,
                       const struct novita_pixels *in,
                       const struct novita_prepare_options *options,
                       struct novita_error *e) {
  struct novita_encoder_options encoding;
  struct novita_encoder c;
  int r;
  novita_prepare_options_encoder(options, &encoding);
  if (novita_formats_open_encoder(&c, &encoding, in->width, in->height,
                          novita_encoder_channels(encoding.format,
                                                  in->channels), out,
                          e) != 0) return -1;
  r = save_rows(&c, in, options->background, e);
  novita_encoder_close(&c);
  return r;
}
