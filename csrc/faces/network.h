/*
** network.h: runs the seven layers over a small RGB image.
**
** The image is put at the top left of a black square whose side is a multiple
** of 32. The result has NOVITA_FACES_CELL values for each cell of 32 x 32
** pixels, row by row. About 60 million multiplications for a side of 224, 210
** million for 416; memory: 10 MB for 416.
*/
#ifndef novita_faces_network_h
#define novita_faces_network_h

#include <stdint.h>

#include "../base/func.h"
#include "kernels.h"
#include "model.h"

#define NOVITA_FACES_STRIDE 32   /* pixels a side of a cell */
#define NOVITA_FACES_VALUES 32   /* floats per cell; NOVITA_FACES_CELL are used
                                 */

struct novita_faces_network {
  const struct novita_faces_model *model;
  const struct novita_faces_kernels *kernels;
  int side;           /* of the input */
  int cells;          /* a side */
  float *memory;      /* holds the following */
  float *out;         /* [cells][cells][NOVITA_FACES_VALUES] */
};

/* 'rgb' has width x height pixels, at most side x side. Runs at once, and keeps
** the result until it is closed. -1 on out-of-memory. */
NOVITA_FUNC int novita_faces_network_run (struct novita_faces_network *n,
                                          const uint8_t *rgb, int width,
                                          int height);
NOVITA_FUNC void novita_faces_network_close (struct novita_faces_network *n);

#endif
