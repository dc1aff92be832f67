/*
** kernels.c: runs the network of novita-faces on noise with the plain
** kernels and with those named by the first argument, and compares the results.
** It is a program, not part of the module, so that it also runs under an
** emulator of another processor. The second argument is the file with the
** weights, the others are sides of the input.
**
** Prints "same <n>" with the number of values compared, or the first
** difference, or "missing" if this processor does not have such kernels.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/faces/network.h"

#define TOLERANCE 1e-4  /* of values, which are up to about 10 */

static uint8_t file[NOVITA_FACES_FILE_SIZE];


static uint8_t noise (void) {
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (uint8_t)(state >> 24);
}


static void run (struct novita_faces_network *n,
                 const struct novita_faces_model *model,
                 const struct novita_faces_kernels *kernels,
                 const uint8_t *rgb, int width, int height, int side) {
  memset(n, 0, sizeof *n);
  n->model = model;
  n->kernels = kernels;
  n->side = side;
  if (novita_faces_network_run(n, rgb, width, height) != 0) abort();
}


/* the number of values, or -1 */
static int compare (const struct novita_faces_model *model,
                    const struct novita_faces_kernels *kernels, int side) {
  struct novita_faces_network plain, other;
  int width = side - side / 5, height = side, i, count;
  int n = width * height * 3;
  uint8_t *rgb = malloc((size_t)n);
  if (rgb == NULL) abort();
  for (i = 0; i < n; i++) rgb[i] = noise();
  run(&plain, model, &novita_faces_kernels_scalar, rgb, width, height, side);
  run(&other, model, kernels, rgb, width, height, side);
  count = plain.cells * plain.cells * NOVITA_FACES_VALUES;
  for (i = 0; i < count; i++)
    if (!(fabs((double)plain.out[i] - (double)other.out[i]) < TOLERANCE)) {
      printf("side %d, value %d: %g, not %g\n", side, i,
             (double)other.out[i], (double)plain.out[i]);
      count = -1;
    }
  novita_faces_network_close(&plain);
  novita_faces_network_close(&other);
  free(rgb);
  return count;
}


int main (int argc, char **argv) {
  const struct novita_faces_kernels *kernels =
    novita_faces_kernels_named(argv[1]);
  struct novita_faces_model model;
  FILE *f = fopen(argv[2], "rb");
  int i, count, sum = 0;
  if (f == NULL || fread(file, 1, sizeof file, f) != sizeof file) return 2;
  fclose(f);
  if (kernels == NULL) return puts("missing") < 0;
  if (novita_faces_model_read(&model, file, sizeof file) != 0) return 2;
  for (i = 3; i < argc; i++) {
    count = compare(&model, kernels, atoi(argv[i]));
    if (count < 0) return 1;
    sum += count;
  }
  novita_faces_model_free(&model);
  printf("same %d\n", sum);
  return 0;
}
