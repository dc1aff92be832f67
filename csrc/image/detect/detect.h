/*
** detect.h: finds the faces of a photo, with a detector that the caller has.
**
** The photo is decoded as small as its format can, reduced to
** NOVITA_DETECT_SIDE pixels a side, and turned upright. The detector gets a
** smaller one first, which is enough for most portraits. It gets this one, too,
** if it found nothing there, or is not sure: the boxes are then better, and
** more faces of a group are found. A photo that is prepared anyway is not
** decoded again for that: see face_chooser.h.
*/
#ifndef novita_image_detect_detect_h
#define novita_image_detect_detect_h

#include <stdbool.h>

#include "../../base/error.h"
#include "../codec/limits.h"
#include "../codec/source.h"
#include "../prepare/chooser.h"
#include "detector.h"

#define NOVITA_DETECT_SIDE 416        /* pixels of the longer side */
#define NOVITA_DETECT_FIRST_SIDE 224
#define NOVITA_DETECT_SURE 0.7        /* score that needs no second look */

struct novita_detected {
  int width, height;                  /* of the photo, as displayed */
  int count;
  struct novita_face face[NOVITA_DETECTOR_MOST];  /* in pixels of the photo as
                                                  ** displayed, largest first */
};

/* Any thread may call this; calls share nothing. Error texts are predicates, as
** those of novita_image_prepare. */
NOVITA_FUNC int novita_detect_faces (const struct novita_detector *detector,
                                     const struct novita_source *source,
                                     const struct novita_limits *limits,
                                     bool lenient, struct novita_detected *out,
                                     struct novita_error *e);

/* the same of a photo that is decoded already */
NOVITA_FUNC int novita_detect_look (const struct novita_detector *detector,
                                    const struct novita_look *look,
                                    struct novita_detected *out,
                                    struct novita_error *e);

#endif
