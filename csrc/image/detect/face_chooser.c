/*
** face_chooser.c: see face_chooser.h
*/
#include <string.h>

#include "face_chooser.h"
#include "face_crop.h"


static int choose (struct novita_chooser *chooser,
                   const struct novita_look *look, double aspect,
                   struct novita_box *part, struct novita_error *e) {
  struct novita_face_chooser *c = (struct novita_face_chooser *)chooser;
  if (novita_detect_look(c->detector, look, &c->found, e) != 0) return -1;
  c->looked = true;
  if (c->found.count == 0) return 0;
  *part = novita_face_crop(&c->found.face[0], look->width, look->height,
                           aspect);
  return 1;
}


void novita_face_chooser_open (struct novita_face_chooser *c,
                               const struct novita_detector *detector) {
  memset(c, 0, sizeof *c);
  c->chooser.side = NOVITA_DETECT_SIDE;
  c->chooser.choose = choose;
  c->detector = detector;
}
