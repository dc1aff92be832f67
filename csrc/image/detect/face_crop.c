/*
** face_crop.c: see face_crop.h. Only the height and the top of the part are
** free: the width follows from the height, and the left from the face.
*/
#include <math.h>

#include "face_crop.h"

#define HAIR 1e-6  /* of a pixel: rounding errors are no pixel */


struct novita_box novita_face_crop_head (const struct novita_face *face,
                                         double width, double height) {
  struct novita_box head;
  double top = fmax(face->y - NOVITA_FACE_CROWN * face->height, 0);
  head.x = fmax(face->x, 0);
  head.y = top;
  head.width = fmin(face->x + face->width, width) - head.x;
  head.height = fmin(face->y + face->height, height) - top;
  return head;
}


static double clamp (double v, double low, double high) {
  return v > high ? high : v < low ? low : v;
}


/* the least height that the head and the room around the face need */
static double least_height (const struct novita_face *face,
                            const struct novita_box *head, double aspect) {
  double room = fmax(face->height, face->width / aspect) * NOVITA_FACE_ROOM;
  return fmax(room, fmax(head->height, head->width / aspect));
}


/* The largest height. A part that reaches down to the photo's bottom has the
** face's centre in its upper share only if it is short enough. */
static double choose_height (const struct novita_face *face,
                             const struct novita_box *head, double width,
                             double height, double aspect) {
  double centre = face->y + face->height / 2;
  double most = fmin(height, width / aspect);
  double wanted = fmin(most, (height - centre) / (1 - NOVITA_FACE_UPPER));
  return fmin(fmax(wanted, least_height(face, head, aspect)), most);
}


struct novita_box novita_face_crop (const struct novita_face *face,
                                    double width, double height,
                                    double aspect) {
  struct novita_box head = novita_face_crop_head(face, width, height), part;
  double bottom = head.y + head.height;
  part.height = choose_height(face, &head, width, height, aspect);
  part.width = fmin(part.height * aspect, width);
  part.x = clamp(face->x + face->width / 2 - part.width / 2, 0,
                 width - part.width);
  part.y = face->y + face->height / 2 - NOVITA_FACE_UPPER * part.height;
  part.y = fmin(fmax(part.y, bottom - part.height), head.y);
  part.y = clamp(part.y, 0, height - part.height);
  part.x = floor(part.x + HAIR);  /* a fraction would only blur the image */
  part.y = floor(part.y + HAIR);
  return part;
}
