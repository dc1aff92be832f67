/*
** prepare.c: see prepare.h. Opens a photo, plans its geometry and processes it
** in the fastest way that gives the requested result: pipeline.h lists the
** three ways. If the part of it is to be chosen first, see whole.h.
*/
#include <string.h>

#include "../codec/exif.h"
#include "../colour/decoder_colour.h"
#include "../formats/formats.h"
#include "pipeline.h"
#include "prepare.h"
#include "whole.h"


static int open_source (struct novita_pipeline *pipeline,
                        const struct novita_source *source,
                        struct novita_error *e) {
  const struct novita_limits *limits = &pipeline->options->limits;
  if (novita_source_open(&pipeline->bytes, source, limits->bytes, e) != 0)
    return -1;
  if (novita_formats_open_decoder(&pipeline->decoder, &pipeline->bytes, limits,
                                  pipeline->options->lenient, e) != 0)
    return -1;
  return novita_decoder_colour(&pipeline->decoder, &pipeline->colour, e);
}


static int make_plan (struct novita_pipeline *pipeline,
                      struct novita_error *e) {
  const struct novita_image_info *info = &pipeline->decoder.info;
  if (novita_geometry_make(&pipeline->plan, pipeline->options, info->width,
                           info->height, info->orientation, e) != 0) return -1;
  return novita_formats_check_size(pipeline->options->format,
                                   pipeline->plan.width, pipeline->plan.height,
                                   e);
}


/* Decoding a JPEG at a half, a quarter or an eighth of its size is cheap. The
** filter must still shrink by two or more: its blur then hides the loss. */
static int shrink (struct novita_pipeline *pipeline, struct novita_error *e) {
  const struct novita_geometry *plan = &pipeline->plan;
  double across = plan->box.width / plan->stored_width;
  double down = plan->box.height / plan->stored_height;
  double least = across < down ? across : down;
  int divisor = 1;
  while (!pipeline->options->linear && divisor < 8 &&
         least >= 4.0 * divisor) divisor *= 2;
  return novita_decoder_shrink(&pipeline->decoder, divisor, e);
}


static int transform (struct novita_pipeline *pipeline,
                      struct novita_error *e) {
  if (shrink(pipeline, e) != 0) return -1;
  if (novita_prepare_planes_applies(pipeline))
    return novita_prepare_planes_run(pipeline, e);
  return novita_prepare_rows_run(pipeline, e);
}


/* The file has been decoded to its end, and must be decoded again. */
static int start_again (struct novita_pipeline *pipeline,
                        struct novita_error *e) {
  novita_measure_close(&pipeline->measure);
  novita_decoder_close(&pipeline->decoder);
  if (novita_source_seek(&pipeline->bytes, 0, e) != 0) return -1;
  return novita_formats_open_decoder(&pipeline->decoder, &pipeline->bytes,
                                     &pipeline->options->limits, false, e);
}


static int choose (struct novita_pipeline *pipeline,
                   const struct novita_source *source,
                   struct novita_error *e) {
  if (!novita_whole_applies(pipeline))
    return novita_whole_look(pipeline, source, e);
  if (novita_whole_plan(pipeline, e) != 0 || transform(pipeline, e) != 0)
    return -1;
  return novita_whole_finish(pipeline, e);
}


static int work (struct novita_pipeline *pipeline,
                 const struct novita_source *source, struct novita_error *e) {
  if (open_source(pipeline, source, e) != 0) return -1;
  if (make_plan(pipeline, e) != 0) return -1;
  if (novita_whole_has_choice(pipeline->options))
    return choose(pipeline, source, e);
  if (novita_pass_through_applies(pipeline)) {
    if (novita_pass_through_run(pipeline, e) != 0) return -1;
    if (pipeline->passed_through) return 0;
    if (start_again(pipeline, e) != 0) return -1;
  }
  return transform(pipeline, e);
}


/* the larger of the two factors, if proportions are not kept */
static double scale_of (const struct novita_geometry *plan) {
  double across = plan->stored_width / plan->box.width;
  double down = plan->stored_height / plan->box.height;
  return across > down ? across : down;
}


static void report (const struct novita_pipeline *pipeline,
                    struct novita_prepare_result *out) {
  const struct novita_image_info *info = &pipeline->decoder.info;
  bool turned = novita_exif_swaps_sides(info->orientation);
  out->width = pipeline->plan.width;
  out->height = pipeline->plan.height;
  out->format = pipeline->options->format;
  out->source_width = turned ? info->height : info->width;
  out->source_height = turned ? info->width : info->height;
  out->source_format = info->format;
  out->orientation = info->orientation;
  out->crop = pipeline->plan.taken;
  out->alpha = info->alpha;
  out->truncated = pipeline->decoder.truncated;
  out->passed_through = pipeline->passed_through;
  out->colour = pipeline->colour.state;
  out->scale = scale_of(&pipeline->plan);
  novita_measure_finish(&pipeline->measure, &out->measures);
}


/* Returns 1 if the part is chosen, in 'options', but the photo is not prepared.
*/
static int prepare (const struct novita_source *source,
                    struct novita_prepare_options *options,
                    struct novita_weights_cache *cache,
                    struct novita_prepare_result *out,
                    struct novita_error *e) {
  struct novita_pipeline pipeline;
  int r;
  memset(&pipeline, 0, sizeof pipeline);
  memset(out, 0, sizeof *out);
  pipeline.options = options;
  pipeline.cache = cache;
  pipeline.out = &out->bytes;
  novita_buffer_init(&out->bytes, options->limits.output_bytes);
  r = work(&pipeline, source, e);
  if (r == 0 && !pipeline.again) report(&pipeline, out);
  else novita_prepare_result_free(out);
  novita_resized_close(&pipeline.resized);
  novita_measure_close(&pipeline.measure);
  novita_colour_close(&pipeline.colour);
  novita_decoder_close(&pipeline.decoder);
  novita_source_close(&pipeline.bytes);
  if (r == 0 && e != NULL) novita_error_clear(e);  /* a lenient decoder may have
                                                   ** set it */
  if (r != 0 || !pipeline.again) return r;
  options->chooser = NULL;
  options->has_crop = pipeline.has_part;
  options->crop = pipeline.part;
  return 1;
}


int novita_image_prepare (const struct novita_source *source,
                          const struct novita_prepare_options *options,
                          struct novita_weights_cache *cache,
                          struct novita_prepare_result *out,
                          struct novita_error *e) {
  struct novita_prepare_options chosen = *options;
  int r = prepare(source, &chosen, cache, out, e);
  return r == 1 ? prepare(source, &chosen, cache, out, e) : r;
}


void novita_prepare_result_free (struct novita_prepare_result *out) {
  novita_buffer_free(&out->bytes);
}
