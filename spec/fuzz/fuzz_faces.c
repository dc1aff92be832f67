/*
** fuzz_faces.c: the face network with weights and an image that are both made
** of the input: any byte is a valid weight. The first two bytes are the size of
** the image. Also computes the crop boxes of the faces.
*/
#include "image.h"

#include <math.h>

#include "../../csrc/faces/boxes.h"
#include "../../csrc/image/detect/face_crop.h"

#define SIZES 2
#define SIDE 32          /* of the network's input: one cell */
#define HAIR 1e-6


/* 'n' bytes: the input, again and again */
static uint8_t *repeat (const uint8_t *data, size_t size, size_t n) {
  uint8_t *bytes = malloc(n);
  size_t i;
  assert(bytes != NULL);
  for (i = 0; i < n; i++) bytes[i] = data[i % size];
  return bytes;
}


static void check_face (const struct novita_face *f, int width, int height) {
  struct novita_box part;
  assert(f->score > 0.5 && f->score <= 1 && f->width > 0 && f->height > 0);
  assert(f->x >= 0 && f->x + f->width <= width + HAIR);
  assert(f->y >= 0 && f->y + f->height <= height + HAIR);
  part = novita_face_crop(f, width, height, 1.5);
  assert(part.width > 0 && part.x >= 0 && part.x + part.width <= width + HAIR);
  assert(part.y >= 0 && part.y + part.height <= height + HAIR);
}


static void run (const struct novita_faces_model *model, const uint8_t *data,
                 size_t size, int width, int height) {
  struct novita_face faces[NOVITA_DETECTOR_MOST];
  struct novita_faces_network n;
  uint8_t *rgb = repeat(data, size, (size_t)width * (size_t)height * 3);
  int i, count;
  memset(&n, 0, sizeof n);
  n.model = model;
  n.kernels = novita_faces_kernels();
  n.side = SIDE;
  assert(novita_faces_network_run(&n, rgb, width, height) == 0);
  for (i = 0; i < n.cells * n.cells * NOVITA_FACES_VALUES; i++)
    assert(isfinite(n.out[i]));
  count = novita_faces_boxes(&n, width, height, faces);
  assert(count >= 0 && count <= NOVITA_DETECTOR_MOST);
  for (i = 0; i < count; i++) {
    check_face(&faces[i], width, height);
    assert(i == 0 || faces[i - 1].score >= faces[i].score);
  }
  novita_faces_network_close(&n);
  free(rgb);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_faces_model model;
  uint8_t *bytes;
  if (size <= SIZES) return 0;
  if (size != NOVITA_FACES_FILE_SIZE)
    assert(novita_faces_model_read(&model, data, size) == -1);
  bytes = repeat(data + SIZES, size - SIZES, NOVITA_FACES_FILE_SIZE);
  assert(novita_faces_model_read(&model, bytes, NOVITA_FACES_FILE_SIZE) == 0);
  run(&model, data + SIZES, size - SIZES, 1 + data[0] % SIDE,
      1 + data[1] % SIDE);
  novita_faces_model_free(&model);
  free(bytes);
  return 0;
}
