/*
** face_crop.h: which part of a photo to take for a face in it.
**
** The largest part with the wanted proportions that
**   - is inside the photo,
**   - holds the head: the face's box and NOVITA_FACE_CROWN of its height above,
**   - is at least NOVITA_FACE_ROOM times the face's box, on both sides,
**   - has the face's centre in its upper NOVITA_FACE_UPPER.
** Of those, it is the one with the most room above the head, and the face is in
** the middle between left and right as far as the photo goes.
**
** If not all of this is possible, the last rule gives way first. If the head is
** larger than any part with these proportions, its top is kept.
*/
#ifndef novita_image_detect_face_crop_h
#define novita_image_detect_face_crop_h

#include "../resample/resample.h"
#include "detector.h"

#define NOVITA_FACE_CROWN 0.28
#define NOVITA_FACE_ROOM 1.4
#define NOVITA_FACE_UPPER 0.45

/* the head of a face, cut to the photo of width x height */
NOVITA_FUNC struct novita_box novita_face_crop_head (
  const struct novita_face *face, double width, double height);

/* 'aspect' is width divided by height of the part; the face is inside the photo
*/
NOVITA_FUNC struct novita_box novita_face_crop (const struct novita_face *face,
                                                double width, double height,
                                                double aspect);

#endif
