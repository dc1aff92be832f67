/*
** orient.h: the eight EXIF orientations. An image is resized as stored, and
** rotated when it is small.
*/
#ifndef novita_image_prepare_orient_h
#define novita_image_prepare_orient_h

#include "../codec/pixels.h"
#include "../resample/resample.h"

/* Puts row 'y' of a stored image of width x height into 'display', where the
** image starts at (left, top). Both have the same channels. */
NOVITA_FUNC void novita_orient_row (const struct novita_pixels *display,
                                    int left, int top, int orientation,
                                    int width, int height, int y,
                                    const uint8_t *row);

/* converts a box of the displayed image to a box of the stored one, which has
** width x height */
NOVITA_FUNC struct novita_box novita_orient_box (struct novita_box box,
                                                 int orientation, int width,
                                                 int height);

#endif
