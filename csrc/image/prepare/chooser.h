/*
** chooser.h: what chooses the part of a photo that is used, after a look at it.
*/
#ifndef novita_image_prepare_chooser_h
#define novita_image_prepare_chooser_h

#include "../../base/error.h"
#include "../codec/pixels.h"
#include "../resample/resample.h"

struct novita_chooser {
  int side;  /* pixels of the longer side of the image it gets */
  /* 'image' is the photo of width x height, reduced: upright, RGB. Writes a
  ** part of the photo, as displayed, whose width is 'aspect' times its height,
  ** and returns 1; or returns 0, for the middle; or -1 after an error. */
  int (*choose) (struct novita_chooser *c, const struct novita_pixels *image,
                 int width, int height, double aspect, struct novita_box *part,
                 struct novita_error *e);
};

#endif
