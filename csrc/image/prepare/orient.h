/*
** orient.h: the eight orientations of EXIF. A picture is resized as stored and
** turned when it is small.
*/
#ifndef novita_image_prepare_orient_h
#define novita_image_prepare_orient_h

#include "../codec/pixels.h"
#include "../resample/resample.h"

/* puts row 'y' of a stored picture of width x height into 'display', whose
** own part starts at (left, top); same channels */
NOVITA_FUNC void novita_orient_row (const struct novita_pixels *display,
                                    int left, int top, int orientation,
                                    int width, int height, int y,
                                    const uint8_t *row);

/* a box of the displayed picture as a box of the stored one, which is
** width x height */
NOVITA_FUNC struct novita_box novita_orient_box (struct novita_box box,
                                                 int orientation, int width,
                                                 int height);

#endif
