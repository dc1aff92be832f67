/*
** boxes.h: reads the boxes of faces from the network's result, and drops those
** that another box with a higher score covers.
*/
#ifndef novita_faces_boxes_h
#define novita_faces_boxes_h

#include "../base/func.h"
#include "../image/detect/detector.h"
#include "network.h"

/* Writes up to NOVITA_DETECTOR_MOST faces, best first, in pixels of an image of
** width x height at the top left of the network's input, and cut to it. Returns
** their number. */
NOVITA_FUNC int novita_faces_boxes (const struct novita_faces_network *n,
                                    int width, int height,
                                    struct novita_face *faces);

#endif
