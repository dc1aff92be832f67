/*
** geometry.h: which part of a picture goes where. All arithmetic of crop boxes
** and fits is here, in doubles: the box that the resampler gets is exact to
** fractions of a pixel.
*/
#ifndef novita_image_prepare_geometry_h
#define novita_image_prepare_geometry_h

#include <stdbool.h>

#include "options.h"

struct novita_geometry {
  struct novita_box taken;             /* of the picture as displayed */
  struct novita_box box;               /* the same, of the stored picture */
  int stored_width, stored_height;     /* its size after resampling */
  int width, height;                   /* of the result, as displayed */
  int left, top;                       /* of the picture in the result */
  int shown_width, shown_height;       /* of the picture in the result */
};

/* 'width' and 'height' are those of the stored picture */
NOVITA_FUNC int novita_geometry_make (
  struct novita_geometry *plan, const struct novita_prepare_options *options,
  int width, int height, int orientation, struct novita_error *e);

/* the image fills the result, without a frame of background */
NOVITA_FUNC bool novita_geometry_fills (const struct novita_geometry *plan);

/* one plane of a picture: how it is sampled, and how the result is */
struct novita_plane_geometry {
  int width, height;           /* of the whole stored picture, in pixels */
  int orientation;
  double samples_x, samples_y; /* of the plane, a stored pixel */
  int pixels;                  /* of the result, a side of its sample: 1, 2 */
};

/* The part of a plane that the plan takes, in its samples, and the size that
** it gets, as stored. The last sample of a result of odd size may hang over
** the picture's edge. */
NOVITA_FUNC struct novita_box novita_geometry_plane (
  const struct novita_geometry *plan, const struct novita_plane_geometry *job,
  int *width, int *height);

#endif
