/*
** measure.c: adds rows of noise, hard edges and smooth pixels with the plain
** loops of measure_sums.h and with those of this processor, for every length of
** a row, and compares the sums. It is a program, not part of the module, so
** that it also runs under an emulator of another processor.
**
** Prints "<name> same <n>" with the number of rows compared, or the first
** difference.
*/
#include <stdio.h>
#include <string.h>

#include "../../../csrc/image/prepare/measure_sums.h"

#define WAYS 4

static uint32_t state = 1;


static uint8_t pick (int way, int x) {
  state = state * 1664525u + 1013904223u;
  switch (way) {
    case 0: return (uint8_t)(state >> 24);
    case 1: return state >> 31 ? 255 : 0;
    case 2: return (uint8_t)(x % 2 ? 255 : 0);  /* the largest sums */
    default: return (uint8_t)((state >> 31) + (x % 2 ? NOVITA_MEASURE_DARK
                                                     : 246));
  }
}


static int same (const struct novita_measure_sums_kernels *kernels,
                 const uint8_t *const line[3], int n) {
  struct novita_measure_sums a = {1, 2, 3, 4, 5}, b = a;
  novita_measure_sums_scalar.add_levels(&a, line[1], n);
  novita_measure_sums_scalar.add_edges(&a, line, n);
  kernels->add_levels(&b, line[1], n);
  kernels->add_edges(&b, line, n);
  return memcmp(&a, &b, sizeof a) == 0;
}


int main (void) {
  const struct novita_measure_sums_kernels *kernels;
  uint8_t row[3][NOVITA_MEASURE_SIDE];
  const uint8_t *line[3] = {row[0], row[1], row[2]};
  int n, way, k, x;
  kernels = novita_measure_sums_kernels();
  for (n = 1; n <= NOVITA_MEASURE_SIDE; n++)
    for (way = 0; way < WAYS; way++) {
      for (k = 0; k < 3; k++)
        for (x = 0; x < n; x++) row[k][x] = pick(way, x + k);
      if (!same(kernels, line, n)) {
        printf("%s differs: %d pixels, way %d\n", kernels->name, n, way);
        return 1;
      }
    }
  printf("%s same %d\n", kernels->name, NOVITA_MEASURE_SIDE * WAYS);
  return 0;
}
