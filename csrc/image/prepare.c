/*
** prepare.c: see prepare.h. Rows flow one way:
**
**   decoder -> (alpha on the background) -> resampler -> RGB -> encoder
**
** Laying alpha on the background first gives what resampling premultiplied
** colours and laying them afterwards would (both are weighted sums), with one
** channel less and without rounding the product. Only a result that must be
** turned, mirrored or framed is held whole before it is encoded.
*/
#include <stdlib.h>
#include <string.h>

#include "alpha.h"
#include "exif.h"
#include "geometry.h"
#include "orient.h"
#include "pixels.h"
#include "prepare.h"

#define RGB 3

/* one photo under way; zeroed first, so that 'finish' may run at any point */
struct run {
  const struct novita_prepare *wish;
  struct novita_bytes bytes;
  struct novita_decoder decoder;
  struct novita_plan plan;
  struct novita_resampler resampler;
  struct novita_encoder encoder;
  struct novita_pixels held;   /* the result, where rows cannot go through */
  uint8_t *raw;                /* a decoded row that has alpha */
  uint8_t *small;              /* a resampled row */
  uint8_t *rgb;                /* the same in RGB */
  int channels;                /* of the resampler: 1 or 3 */
  int y;                       /* resampled rows so far */
};


void novita_prepare_defaults (struct novita_prepare *wish) {
  memset(wish, 0, sizeof *wish);
  wish->fit = NOVITA_COVER;
  wish->filter = NOVITA_LANCZOS3;
  wish->format = NOVITA_JPEG;
  wish->quality = 95;
  wish->chroma = 444;
  wish->effort = -1;
  memset(wish->background, 255, sizeof wish->background);
  novita_limits_defaults(&wish->limits);
}


void novita_prepare_encoding (const struct novita_prepare *wish,
                              struct novita_encoding *how) {
  novita_encoding_defaults(how, wish->format);
  how->quality = wish->quality;
  how->chroma = wish->chroma;
  how->lossless = wish->lossless;
  if (wish->effort >= 0) how->effort = wish->effort;
}


static int open_source (struct run *run, const struct novita_source *source,
                        struct novita_error *e) {
  const struct novita_limits *limits = &run->wish->limits;
  if (novita_bytes_open(&run->bytes, source, limits->bytes, 0, e) != 0)
    return -1;
  return novita_decoder_open(&run->decoder, run->bytes.data, run->bytes.len,
                             limits, run->wish->lenient, e);
}


static int make_plan (struct run *run, struct novita_error *e) {
  const struct novita_image_info *info = &run->decoder.info;
  if (novita_plan_make(&run->plan, run->wish, info->width, info->height,
                       info->orientation, e) != 0) return -1;
  return novita_encoder_fits(run->wish->format, run->plan.width,
                             run->plan.height, e);
}


static int open_resampler (struct run *run, struct novita_error *e) {
  const struct novita_image_info *info = &run->decoder.info;
  struct novita_resample job;
  struct novita_resample_how how = {0};
  run->channels = info->channels == 1 ? 1 : RGB;
  job.source_width = info->width;
  job.source_height = info->height;
  job.channels = run->channels;
  job.box = run->plan.box;
  job.width = run->plan.stored_width;
  job.height = run->plan.stored_height;
  job.filter = run->wish->filter;
  how.linear = run->wish->linear;
  return novita_resampler_open_as(&run->resampler, &job, &how, e);
}


static int flows_through (const struct run *run) {
  const struct novita_plan *plan = &run->plan;
  return run->decoder.info.orientation == NOVITA_UPRIGHT &&
         plan->shown_width == plan->width &&
         plan->shown_height == plan->height;
}


static void fill_background (const struct run *run) {
  size_t i, n = (size_t)run->held.width * (size_t)run->held.height;
  for (i = 0; i < n; i++)
    memcpy(run->held.data + i * RGB, run->wish->background, RGB);
}


static int reserve (struct run *run, struct novita_error *e) {
  const struct novita_image_info *info = &run->decoder.info;
  size_t width = (size_t)run->plan.stored_width;
  run->small = malloc(width * (size_t)run->channels);
  run->rgb = malloc(width * RGB);
  if (info->channels != run->channels)
    run->raw = malloc((size_t)info->width * (size_t)info->channels);
  if (run->small == NULL || run->rgb == NULL ||
      (info->channels != run->channels && run->raw == NULL))
    return novita_fail_memory(e);
  if (flows_through(run)) return 0;
  if (novita_pixels_open(&run->held, run->plan.width, run->plan.height, RGB,
                         run->wish->limits.output_pixels, e) != 0) return -1;
  fill_background(run);
  return 0;
}


static int open_encoder (struct run *run, struct novita_buffer *out,
                         struct novita_error *e) {
  struct novita_encoding how;
  novita_prepare_encoding(run->wish, &how);
  return novita_encoder_open(&run->encoder, &how, run->plan.width,
                             run->plan.height, RGB, out, e);
}


static int put_row (struct run *run, struct novita_error *e) {
  const struct novita_plan *plan = &run->plan;
  novita_row_to_rgb(run->rgb, run->small, plan->stored_width, run->channels,
                    run->wish->background);
  if (run->held.data == NULL)
    return novita_encoder_row(&run->encoder, run->rgb, e);
  novita_orient_row(&run->held, plan->left, plan->top,
                    run->decoder.info.orientation, plan->stored_width,
                    plan->stored_height, run->y++, run->rgb);
  return 0;
}


static int get_row (struct run *run, uint8_t *slot, struct novita_error *e) {
  const struct novita_image_info *info = &run->decoder.info;
  if (run->raw == NULL) return novita_decoder_row(&run->decoder, slot, e);
  if (novita_decoder_row(&run->decoder, run->raw, e) != 0) return -1;
  novita_row_to_rgb(slot, run->raw, info->width, info->channels,
                    run->wish->background);
  return 0;
}


/* Rows below the box change nothing, but are decoded: only so is it known
** that the file is whole. */
static int pump (struct run *run, struct novita_error *e) {
  int y;
  for (y = 0; y < run->decoder.info.height; y++) {
    if (get_row(run, novita_resampler_slot(&run->resampler), e) != 0)
      return -1;
    novita_resampler_feed(&run->resampler);
    while (novita_resampler_take(&run->resampler, run->small))
      if (put_row(run, e) != 0) return -1;
  }
  return novita_decoder_finish(&run->decoder, e);
}


static int put_held (struct run *run, struct novita_error *e) {
  int y;
  for (y = 0; y < run->held.height; y++)
    if (novita_encoder_row(&run->encoder, novita_pixels_row(&run->held, y),
                           e) != 0) return -1;
  return 0;
}


static int work (struct run *run, const struct novita_source *source,
                 struct novita_buffer *out, struct novita_error *e) {
  if (open_source(run, source, e) != 0 || make_plan(run, e) != 0 ||
      open_resampler(run, e) != 0 || reserve(run, e) != 0 ||
      open_encoder(run, out, e) != 0 || pump(run, e) != 0 ||
      put_held(run, e) != 0) return -1;
  return novita_encoder_finish(&run->encoder, e);
}


static void report (const struct run *run, struct novita_prepared *out) {
  const struct novita_image_info *info = &run->decoder.info;
  int turned = novita_is_turned(info->orientation);
  out->width = run->plan.width;
  out->height = run->plan.height;
  out->format = run->wish->format;
  out->source_width = turned ? info->height : info->width;
  out->source_height = turned ? info->width : info->height;
  out->source_format = info->format;
  out->orientation = info->orientation;
  out->alpha = info->alpha;
  out->truncated = run->decoder.truncated;
}


static void finish (struct run *run) {
  novita_encoder_close(&run->encoder);
  novita_resampler_close(&run->resampler);
  novita_decoder_close(&run->decoder);
  novita_bytes_close(&run->bytes);
  novita_pixels_close(&run->held);
  free(run->raw);
  free(run->small);
  free(run->rgb);
}


int novita_image_prepare (const struct novita_source *source,
                          const struct novita_prepare *wish,
                          struct novita_prepared *out,
                          struct novita_error *e) {
  struct run run;
  int r;
  memset(&run, 0, sizeof run);
  memset(out, 0, sizeof *out);
  run.wish = wish;
  novita_buffer_init(&out->bytes, wish->limits.output_bytes);
  r = work(&run, source, &out->bytes, e);
  if (r == 0) report(&run, out);
  else novita_prepared_free(out);
  finish(&run);
  if (r == 0 && e != NULL) novita_error_clear(e);  /* lenient leaves traces */
  return r;
}


void novita_prepared_free (struct novita_prepared *out) {
  novita_buffer_free(&out->bytes);
}
