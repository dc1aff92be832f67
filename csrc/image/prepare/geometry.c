/*
** geometry.c: see geometry.h
*/
#include <math.h>
#include <string.h>

#include "../codec/exif.h"
#include "geometry.h"
#include "orient.h"

#define HAIR 1e-6  /* of a pixel: tolerance for rounding in a box */


static int check_crop (const struct novita_box *b, double width,
                       double height, struct novita_error *e) {
  if (b->x >= -HAIR && b->y >= -HAIR && b->width > 0 && b->height > 0 &&
      b->x + b->width <= width + HAIR && b->y + b->height <= height + HAIR)
    return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "crop",
                          "has %.0f x %.0f pixels, and the crop box of %g x %g "
                          "at %g, %g is not inside: choose another box", width,
                          height, b->width, b->height, b->x, b->y);
}


/* a side of about 'v' pixels; check_size rejects what is too large */
static int side (double v) {
  if (!(v > 1.0)) return 1;
  return v > INT32_MAX / 8 ? INT32_MAX / 8 : (int)lround(v);
}


static void choose_size (struct novita_geometry *plan,
                         const struct novita_prepare_options *options,
                         const struct novita_box *b) {
  plan->width = options->width;
  plan->height = options->height;
  if (options->width == 0 && options->height == 0) {
    plan->width = side(b->width);
    plan->height = side(b->height);
  } else if (options->width == 0)
    plan->width = side(options->height * b->width / b->height);
  else if (options->height == 0)
    plan->height = side(options->width * b->height / b->width);
}


/* If nothing is resized, an offset of half a pixel would only blur the image.
** An explicit box may have fractions, and keeps them. */
static void snap_to_pixels (const struct novita_geometry *plan,
                            const struct novita_box *whole,
                            struct novita_box *b) {
  if (fabs(b->width - plan->width) > HAIR ||
      fabs(b->height - plan->height) > HAIR) return;
  if (whole->x == floor(whole->x)) b->x = floor(b->x);
  if (whole->y == floor(whole->y)) b->y = floor(b->y);
}


/* The largest part of 'b' with the proportions of the result: the middle, or
** the middle of the top. */
static void cut_to_cover (const struct novita_geometry *plan, bool top,
                          struct novita_box *b) {
  double width = b->height * plan->width / plan->height;
  double height = b->width * plan->height / plan->width;
  struct novita_box whole = *b;
  if (width < b->width) {
    b->x += (b->width - width) / 2;
    b->width = width;
  } else if (height < b->height) {
    b->y += top ? 0 : (b->height - height) / 2;
    b->height = height;
  }
  snap_to_pixels(plan, &whole, b);
}


static void shrink_to_fit (struct novita_geometry *plan,
                           const struct novita_box *b) {
  double scale = fmin(plan->width / b->width, plan->height / b->height);
  int width = side(b->width * scale), height = side(b->height * scale);
  plan->shown_width = width < plan->width ? width : plan->width;
  plan->shown_height = height < plan->height ? height : plan->height;
}


/* A side that the caller left out follows the proportions, except for rounding
** to whole pixels. That rounding must not cause a crop or a frame. */
static bool is_rounded (const struct novita_prepare_options *options) {
  return options->width == 0 || options->height == 0;
}


static void fit_image (struct novita_geometry *plan,
                       const struct novita_prepare_options *options,
                       struct novita_box *b) {
  enum novita_fit fit = options->fit;
  plan->shown_width = plan->width;
  plan->shown_height = plan->height;
  if (is_rounded(options)) fit = NOVITA_FIT_STRETCH;
  if (fit == NOVITA_FIT_COVER) cut_to_cover(plan, options->crop_top, b);
  else if (fit != NOVITA_FIT_STRETCH) shrink_to_fit(plan, b);
  if (fit == NOVITA_FIT_INSIDE) {
    plan->width = plan->shown_width;
    plan->height = plan->shown_height;
  }
  plan->left = (plan->width - plan->shown_width) / 2;
  plan->top = (plan->height - plan->shown_height) / 2;
}


static int check_size (const struct novita_geometry *plan,
                       const struct novita_limits *limits,
                       struct novita_error *e) {
  uint64_t area = (uint64_t)plan->width * (uint64_t)plan->height;
  if (area <= limits->output_pixels && plan->width <= NOVITA_PIXELS_MAX_SIDE &&
      plan->height <= NOVITA_PIXELS_MAX_SIDE) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "would become %d x %d, more than %llu pixels or %d "
                          "a side: ask for a smaller size", plan->width,
                          plan->height,
                          (unsigned long long)limits->output_pixels,
                          NOVITA_PIXELS_MAX_SIDE);
}


int novita_geometry_make (struct novita_geometry *plan,
                          const struct novita_prepare_options *options,
                          int width, int height, int orientation,
                          struct novita_error *e) {
  bool turned = novita_exif_swaps_sides(orientation);
  double shown_width = turned ? height : width;
  double shown_height = turned ? width : height;
  struct novita_box b = {0, 0, shown_width, shown_height};
  memset(plan, 0, sizeof *plan);
  if (options->has_crop) b = options->crop;
  if (check_crop(&b, shown_width, shown_height, e) != 0) return -1;
  choose_size(plan, options, &b);
  fit_image(plan, options, &b);
  plan->taken = b;
  plan->box = novita_orient_box(b, orientation, width, height);
  plan->stored_width = turned ? plan->shown_height : plan->shown_width;
  plan->stored_height = turned ? plan->shown_width : plan->shown_height;
  return check_size(plan, &options->limits, e);
}


bool novita_geometry_fills (const struct novita_geometry *plan) {
  return plan->shown_width == plan->width &&
         plan->shown_height == plan->height;
}


struct novita_box novita_geometry_plane (
  const struct novita_geometry *plan, const struct novita_plane_geometry *job,
  int *width, int *height) {
  struct novita_box b = plan->taken;
  int across = (plan->shown_width + job->pixels - 1) / job->pixels;
  int down = (plan->shown_height + job->pixels - 1) / job->pixels;
  bool turned = novita_exif_swaps_sides(job->orientation);
  b.width *= (double)across * job->pixels / plan->shown_width;
  b.height *= (double)down * job->pixels / plan->shown_height;
  b = novita_orient_box(b, job->orientation, job->width, job->height);
  b.x *= job->samples_x;
  b.width *= job->samples_x;
  b.y *= job->samples_y;
  b.height *= job->samples_y;
  *width = turned ? down : across;
  *height = turned ? across : down;
  return b;
}
