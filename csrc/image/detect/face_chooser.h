/*
** face_chooser.h: chooses the part of a photo around its largest face, while it
** is prepared.
*/
#ifndef novita_image_detect_face_chooser_h
#define novita_image_detect_face_chooser_h

#include <stdbool.h>

#include "../prepare/chooser.h"
#include "detect.h"

struct novita_face_chooser {
  struct novita_chooser chooser;  /* first member: for novita_prepare_options */
  const struct novita_detector *detector;
  bool looked;                    /* 'found' is set */
  struct novita_detected found;
};

NOVITA_FUNC void novita_face_chooser_open (
  struct novita_face_chooser *c, const struct novita_detector *detector);

#endif
