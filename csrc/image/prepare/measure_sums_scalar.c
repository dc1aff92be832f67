/*
** measure_sums_scalar.c: the loops of measure_sums.h in plain C. Every other
** table must give the same sums.
*/
#include "measure_sums.h"


static void add_levels (struct novita_measure_sums *s, const uint8_t *row,
                        int n) {
  int x, luma = 0, dark = 0, bright = 0;
  for (x = 0; x < n; x++) {
    luma += row[x];
    dark += row[x] <= NOVITA_MEASURE_DARK;
    bright += row[x] >= NOVITA_MEASURE_BRIGHT;
  }
  s->luma += luma;
  s->dark += dark;
  s->bright += bright;
}


static void add_edges (struct novita_measure_sums *s,
                       const uint8_t *const line[3], int n) {
  const uint8_t *here = line[1];
  int x, edges = 0, squares = 0;
  for (x = 1; x + 1 < n; x++) {
    int v = line[0][x] + line[2][x] + here[x - 1] + here[x + 1] - 4 * here[x];
    edges += v;
    squares += v * v;
  }
  s->edges += edges;
  s->squares += squares;
}


const struct novita_measure_sums_kernels novita_measure_sums_scalar = {
  "scalar", add_levels, add_edges
};
