/*
** model.h: the parameters of the network, read from its file: bytes that
** stand for equally spaced values between the bounds of their tensor.
**
** The file is read in full or not at all. Its length is the only thing that can
** be wrong: each byte is a valid value. lua/novita/faces/init.lua compares its
** digest with that of the original.
*/
#ifndef novita_faces_model_h
#define novita_faces_model_h

#include <stddef.h>
#include <stdint.h>

#include "../base/func.h"

#define NOVITA_FACES_LAYERS 7
#define NOVITA_FACES_BLOCK 16        /* outputs that are computed together */
#define NOVITA_FACES_TAPS 9          /* of a 3 x 3 filter */
#define NOVITA_FACES_CELL 25         /* results per cell: 5 anchors, 5 each */
#define NOVITA_FACES_FILE_SIZE 193321

/* Layer 0 is a full 3 x 3 convolution, 1 to 5 filter each channel by 3 x 3 and
** then mix the channels, and 6 only mixes them. */
struct novita_faces_layer {
  int channels;             /* of the input */
  int outputs;              /* a multiple of NOVITA_FACES_BLOCK */
  const float *depthwise;   /* [9][channels], or NULL */
  const float *mix;         /* [outputs / 16][inputs of a sum][16] */
  const float *bias;        /* [outputs] */
};

struct novita_faces_model {
  struct novita_faces_layer layer[NOVITA_FACES_LAYERS];
  float *memory;            /* all of the above */
};

/* -1 if 'len' is not NOVITA_FACES_FILE_SIZE, or on out-of-memory */
NOVITA_FUNC int novita_faces_model_read (struct novita_faces_model *m,
                                         const uint8_t *bytes, size_t len);
NOVITA_FUNC void novita_faces_model_free (struct novita_faces_model *m);

#endif
