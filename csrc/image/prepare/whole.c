/*
** whole.c: see whole.h
*/
#include <math.h>
#include <string.h>

#include "../codec/exif.h"
#include "reduce.h"
#include "whole.h"

#define HAIR 1e-6  /* of a pixel: rounding errors are no pixel */
#define MOST 4     /* times the pixels of the result that are kept, */
#define MOST_PIXELS (8 << 20)  /* and no more than 24 MB */

/* the photo as displayed */
struct size { int width, height; };


bool novita_whole_has_choice (const struct novita_prepare_options *options) {
  return options->chooser != NULL && !options->has_crop &&
         options->fit == NOVITA_FIT_COVER && options->width > 0 &&
         options->height > 0;
}


static struct size size_of_photo (const struct novita_pipeline *pipeline) {
  const struct novita_image_info *info = &pipeline->decoder.info;
  bool turned = novita_exif_swaps_sides(info->orientation);
  struct size s = {turned ? info->height : info->width,
                   turned ? info->width : info->height};
  return s;
}


/* The photo's pixels per pixel of the result. */
static double step_x (const struct novita_geometry *plan) {
  return plan->taken.width / plan->width;
}


static double step_y (const struct novita_geometry *plan) {
  return plan->taken.height / plan->height;
}


/* the whole pixels that the photo has, of the size of the result's */
static struct size size_of_whole (const struct novita_pipeline *pipeline) {
  const struct novita_geometry *plan = &pipeline->plan;
  struct size s = size_of_photo(pipeline);
  s.width = (int)fmin(s.width / step_x(plan) + HAIR, INT32_MAX / 8);
  s.height = (int)fmin(s.height / step_y(plan) + HAIR, INT32_MAX / 8);
  return s;
}


/* The chooser must see as much of the photo as it would in a small one. */
static bool is_large_enough (const struct novita_pipeline *pipeline,
                             struct size whole) {
  int side = pipeline->options->chooser->side;
  return whole.width >= side || whole.height >= side ||
         step_x(&pipeline->plan) <= 1;
}


bool novita_whole_applies (const struct novita_pipeline *pipeline) {
  const struct novita_geometry *plan = &pipeline->plan;
  struct size s = size_of_whole(pipeline);
  uint64_t area = (uint64_t)s.width * (uint64_t)s.height;
  return area <= MOST * (uint64_t)plan->width * (uint64_t)plan->height &&
         area <= MOST_PIXELS &&
         area <= pipeline->options->limits.output_pixels &&
         s.width <= NOVITA_PIXELS_MAX_SIDE &&
         s.height <= NOVITA_PIXELS_MAX_SIDE &&
         is_large_enough(pipeline, s) && !novita_pass_through_applies(pipeline);
}


/* plans for a box of the photo that becomes width x height */
static int plan_box (struct novita_pipeline *pipeline, struct novita_box box,
                     int width, int height, struct novita_error *e) {
  const struct novita_image_info *info = &pipeline->decoder.info;
  struct novita_prepare_options options = *pipeline->options;
  options.has_crop = true;
  options.crop = box;
  options.width = width;
  options.height = height;
  options.fit = NOVITA_FIT_STRETCH;
  return novita_geometry_make(&pipeline->plan, &options, info->width,
                              info->height, info->orientation, e);
}


int novita_whole_plan (struct novita_pipeline *pipeline,
                       struct novita_error *e) {
  struct size photo = size_of_photo(pipeline), s = size_of_whole(pipeline);
  struct novita_box box = {0, 0, 0, 0};
  pipeline->middle = pipeline->plan;
  pipeline->keeps = true;
  box.width = fmin(s.width * step_x(&pipeline->middle), photo.width);
  box.height = fmin(s.height * step_y(&pipeline->middle), photo.height);
  return plan_box(pipeline, box, s.width, s.height, e);
}


static int choose (struct novita_pipeline *pipeline,
                   const struct novita_resized *resized, struct size photo,
                   struct novita_error *e) {
  const struct novita_prepare_options *options = pipeline->options;
  const struct novita_look look = {photo.width, photo.height, resized,
                                   pipeline->cache};
  int r = options->chooser->choose(options->chooser, &look,
                                   (double)options->width / options->height,
                                   &pipeline->part, e);
  pipeline->has_part = r > 0;
  return r < 0 ? -1 : 0;
}


/* The kept pixel at which the part begins; a half goes down, as
** the middle does if nothing is resized. */
static int find_start (double at, double step, int most, int multiple) {
  int n = (int)ceil(at / step / multiple - 0.5 - HAIR) * multiple;
  most -= most % multiple;
  return n < 0 ? 0 : n > most ? most : n;
}


static int cut (struct novita_pipeline *pipeline,
                const struct novita_encoder_options *encoding,
                struct novita_error *e) {
  const struct novita_geometry whole = pipeline->plan;
  const struct novita_geometry *middle = &pipeline->middle;
  double x = step_x(middle), y = step_y(middle);
  int multiple = encoding->planes && novita_encoder_chroma(encoding) == 420
                 ? 2 : 1;
  int left = find_start(pipeline->part.x, x, whole.width - middle->width,
                        multiple);
  int top = find_start(pipeline->part.y, y, whole.height - middle->height,
                       multiple);
  struct size photo = size_of_photo(pipeline);
  struct novita_box box = middle->taken;
  box.x = fmin(left * x, photo.width - box.width);
  box.y = fmin(top * y, photo.height - box.height);
  if (plan_box(pipeline, box, middle->width, middle->height, e) != 0 ||
      novita_measure_open(&pipeline->measure, middle->width, middle->height,
                          pipeline->cache, e) != 0) return -1;
  return novita_resized_encode(&pipeline->resized, left, top, encoding,
                               &pipeline->measure, pipeline->out, e);
}


int novita_whole_finish (struct novita_pipeline *pipeline,
                         struct novita_error *e) {
  const struct novita_box *middle = &pipeline->middle.taken;
  struct novita_encoder_options encoding;
  if (choose(pipeline, &pipeline->resized, size_of_photo(pipeline), e) != 0)
    return -1;
  if (!pipeline->has_part) pipeline->part = *middle;
  if (fabs(pipeline->part.width - middle->width) > HAIR ||
      fabs(pipeline->part.height - middle->height) > HAIR) {
    pipeline->again = true;
    return 0;
  }
  novita_prepare_options_encoder(pipeline->options, &encoding);
  encoding.planes = pipeline->resized.pixels.data == NULL;
  return cut(pipeline, &encoding, e);
}


int novita_whole_look (struct novita_pipeline *pipeline,
                       const struct novita_source *source,
                       struct novita_error *e) {
  const struct novita_prepare_options *options = pipeline->options;
  struct novita_resized small;
  struct size photo;
  int r;
  memset(&small, 0, sizeof small);
  if (novita_reduce_photo(&small.pixels, source, &options->limits,
                          options->lenient, options->chooser->side,
                          &photo.width, &photo.height, e) != 0) return -1;
  r = choose(pipeline, &small, photo, e);
  novita_resized_close(&small);
  pipeline->again = true;
  return r;
}
