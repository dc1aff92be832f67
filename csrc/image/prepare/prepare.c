/*
** prepare.c: see prepare.h. Opens a photo, plans what becomes of it and sends
** it the shortest way that gives the wanted result: pipeline.h names the three.
*/
#include <string.h>

#include "../colour/decoder_colour.h"
#include "../codec/exif.h"
#include "prepare.h"
#include "pipeline.h"


static int open_source (struct novita_run *run,
                        const struct novita_source *source,
                        struct novita_error *e) {
  const struct novita_limits *limits = &run->wish->limits;
  if (novita_bytes_open(&run->bytes, source, limits->bytes, e) != 0)
    return -1;
  if (novita_decoder_open(&run->decoder, &run->bytes, limits,
                          run->wish->lenient, e) != 0) return -1;
  return novita_decoder_colour(&run->decoder, &run->colour, e);
}


static int make_plan (struct novita_run *run, struct novita_error *e) {
  const struct novita_image_info *info = &run->decoder.info;
  if (novita_plan_make(&run->plan, run->wish, info->width, info->height,
                       info->orientation, e) != 0) return -1;
  return novita_encoder_fits(run->wish->format, run->plan.width,
                             run->plan.height, e);
}


/* A JPEG decodes to a half, a quarter or an eighth for little. The filter must
** still shrink by two or more: what it adds hides what that loses. */
static int shrink (struct novita_run *run, struct novita_error *e) {
  const struct novita_plan *plan = &run->plan;
  double across = plan->box.width / plan->stored_width;
  double down = plan->box.height / plan->stored_height;
  double least = across < down ? across : down;
  int divisor = 1;
  while (!run->wish->linear && divisor < 8 && least >= 4.0 * divisor) divisor *= 2;
  return novita_decoder_shrink(&run->decoder, divisor, e);
}


static int transform (struct novita_run *run, struct novita_error *e) {
  if (shrink(run, e) != 0) return -1;
  return novita_run_takes_planes(run) ? novita_run_planes(run, e)
                                      : novita_run_rows(run, e);
}


static int work (struct novita_run *run, const struct novita_source *source,
                 struct novita_error *e) {
  if (open_source(run, source, e) != 0 || make_plan(run, e) != 0) return -1;
  return novita_run_passes(run) ? novita_run_pass_through(run, e)
                                : transform(run, e);
}


/* the larger of both sides', where proportions are not kept */
static double scale_of (const struct novita_plan *plan) {
  double across = plan->stored_width / plan->box.width;
  double down = plan->stored_height / plan->box.height;
  return across > down ? across : down;
}


static void report (const struct novita_run *run,
                    struct novita_prepared *out) {
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
  out->passed_through = run->passed_through;
  out->colour = run->colour.state;
  out->scale = scale_of(&run->plan);
  novita_measure_finish(&run->measure, &out->measures);
}


int novita_image_prepare (const struct novita_source *source,
                          const struct novita_prepare *wish,
                          struct novita_weights_cache *cache,
                          struct novita_prepared *out,
                          struct novita_error *e) {
  struct novita_run run;
  int r;
  memset(&run, 0, sizeof run);
  memset(out, 0, sizeof *out);
  run.wish = wish;
  run.cache = cache;
  run.out = &out->bytes;
  novita_buffer_init(&out->bytes, wish->limits.output_bytes);
  r = work(&run, source, e);
  if (r == 0) report(&run, out);
  else novita_prepared_free(out);
  novita_measure_close(&run.measure);
  novita_colour_close(&run.colour);
  novita_decoder_close(&run.decoder);
  novita_bytes_close(&run.bytes);
  if (r == 0 && e != NULL) novita_error_clear(e);  /* lenient leaves traces */
  return r;
}


void novita_prepared_free (struct novita_prepared *out) {
  novita_buffer_free(&out->bytes);
}
