/*
** geometry.h: which part of an image goes where. All arithmetic of crop boxes
** and fits is here, in doubles: the resampler's box is exact to fractions of a
** pixel.
*/
#ifndef novita_image_prepare_geometry_h
#define novita_image_prepare_geometry_h

#include <stdbool.h>

#include "options.h"

struct novita_geometry {
  struct novita_box taken;             /* of the image as displayed */
  struct novita_box box;               /* the same part of the stored image */
  int stored_width, stored_height;     /* its size after resampling */
  int width, height;                   /* of the result, as displayed */
  int left, top;                       /* of the image in the result */
  int shown_width, shown_height;       /* of the image in the result */
};

/* 'width' and 'height' are of the stored image */
NOVITA_FUNC int novita_geometry_make (
  struct novita_geometry *plan, const struct novita_prepare_options *options,
  int width, int height, int orientation, struct novita_error *e);

/* the image fills the result, without a frame of background */
NOVITA_FUNC bool novita_geometry_fills (const struct novita_geometry *plan);

/* one plane of an image: its sampling, and that of the result */
struct novita_plane_geometry {
  int width, height;           /* of the whole stored image, in pixels */
  int orientation;
  double samples_x, samples_y; /* of the plane, per stored pixel */
  int pixels;                  /* of the result, per side of its sample: 1, 2 */
};

/* The part of a plane that the plan takes, in the plane's samples, and its size
** after resampling, as stored. If the result has an odd size, its last sample
** may extend past the edge of the image. */
NOVITA_FUNC struct novita_box novita_geometry_plane (
  const struct novita_geometry *plan, const struct novita_plane_geometry *job,
  int *width, int *height);

#endif
