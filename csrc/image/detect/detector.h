/*
** detector.h: what a face detector is to the core. The detector is in a rock of
** its own (csrc/faces), a second shared object, which the core does not link:
** it hands over a userdata that begins with this struct.
**
** Both sides are compiled apart, perhaps from different versions of the
** sources. 'version' comes first and never moves, so that the core can tell.
*/
#ifndef novita_image_detect_detector_h
#define novita_image_detect_detector_h

#include <stdint.h>

#define NOVITA_DETECTOR "novita.detector"  /* name of the metatable */
#define NOVITA_DETECTOR_VERSION 1          /* of this struct */
#define NOVITA_DETECTOR_MOST 64            /* faces of one image */

/* a box in pixels, inside the image; 'score' is 0 to 1 */
struct novita_face { double x, y, width, height, score; };

struct novita_detector {
  int version;
  /* Finds faces in an upright RGB image of width x height, rows without gaps.
  ** 'side', a multiple of 32, is the side of the network's input; width and
  ** height are at most that. Writes up to NOVITA_DETECTOR_MOST faces, best
  ** first, and returns their number, or -1 on out-of-memory. Any thread may
  ** call this; calls share nothing that changes. */
  int (*find) (const struct novita_detector *d, const uint8_t *rgb, int width,
               int height, int side, struct novita_face *faces);
};

#endif
