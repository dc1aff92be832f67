/*
** geometry.h: which part of a picture goes where. All arithmetic of crop boxes
** and fits is here, in doubles: the box that the resampler gets is exact to
** fractions of a pixel.
*/
#ifndef novita_image_geometry_h
#define novita_image_geometry_h

#include "prepare.h"

struct novita_plan {
  struct novita_box box;               /* taken, of the stored picture */
  int stored_width, stored_height;     /* its size after resampling */
  int width, height;                   /* of the result, as displayed */
  int left, top;                       /* of the picture in the result */
  int shown_width, shown_height;       /* of the picture in the result */
};

/* 'width' and 'height' are those of the stored picture */
NOVITA_FUNC int novita_plan_make (struct novita_plan *plan,
                                  const struct novita_prepare *wish,
                                  int width, int height, int orientation,
                                  struct novita_error *e);

#endif
