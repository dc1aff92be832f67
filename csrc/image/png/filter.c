/*
** filter.c: see filter.h
*/
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define MARGIN 16  /* zeros left of a row; at least one pixel */
#define TILE 64    /* bytes at a time: gives loops a constant length */
#define FILTERS 4

/* a tile of the row and its neighbours, in separate memory */
struct tile {
  uint8_t at[TILE], left[TILE], up[TILE], corner[TILE];
};


void novita_png_filter_close (struct novita_png_filter *f) {
  free(f->memory);
  f->memory = NULL;
}


/* the sum of the absolute differences of a tile */
static inline unsigned weigh (const uint8_t *d) {
  unsigned sum = 0;
  int i;
  for (i = 0; i < TILE; i++)
    sum += d[i] < 128 ? d[i] : 256u - d[i];
  return sum;
}


static inline unsigned sub (uint8_t *restrict out,
                            const struct tile *restrict t) {
  int i;
  for (i = 0; i < TILE; i++) out[i] = (uint8_t)(t->at[i] - t->left[i]);
  return weigh(out);
}


static inline unsigned up (uint8_t *restrict out,
                           const struct tile *restrict t) {
  int i;
  for (i = 0; i < TILE; i++) out[i] = (uint8_t)(t->at[i] - t->up[i]);
  return weigh(out);
}


static inline unsigned average (uint8_t *restrict out,
                                const struct tile *restrict t) {
  int i;
  for (i = 0; i < TILE; i++)
    out[i] = (uint8_t)(t->at[i] - (t->left[i] + t->up[i]) / 2);
  return weigh(out);
}


static inline int16_t distance (int16_t a, int16_t b) {
  int16_t d = (int16_t)(a - b);
  return d < 0 ? (int16_t)-d : d;
}


static inline unsigned paeth (uint8_t *restrict out,
                              const struct tile *restrict t) {
  int i;
  for (i = 0; i < TILE; i++) {
    int16_t a = t->left[i], b = t->up[i], c = t->corner[i];
    int16_t to_a = distance(b, c), to_b = distance(a, c);
    int16_t to_c = distance((int16_t)(a + b), (int16_t)(c + c));
    int16_t other = to_b <= to_c ? b : c;
    int16_t less = to_b <= to_c ? to_b : to_c;
    out[i] = (uint8_t)(t->at[i] - (to_a <= less ? a : other));
  }
  return weigh(out);
}


static void filter_tile (const struct novita_png_filter *f, size_t x,
                         unsigned sum[FILTERS]) {
  struct tile t;
  memcpy(t.at, f->row + x, TILE);
  memcpy(t.left, f->row + x - f->step, TILE);
  memcpy(t.up, f->above + x, TILE);
  memcpy(t.corner, f->above + x - f->step, TILE);
  sum[0] += sub(f->tried[0] + 1 + x, &t);
  sum[1] += up(f->tried[1] + 1 + x, &t);
  sum[2] += average(f->tried[2] + 1 + x, &t);
  sum[3] += paeth(f->tried[3] + 1 + x, &t);
}


static void try_plain (const struct novita_png_filter *f,
                       unsigned sum[FILTERS]) {
  size_t x;
  for (x = 0; x < f->n; x += TILE) filter_tile(f, x, sum);
}


static novita_png_filter_try *choose (void) {
#if defined(NOVITA_HAVE_X86)
  if (novita_cpu_simd() != NOVITA_CPU_SCALAR) return novita_png_filter_avx2;
#endif
  return try_plain;
}


int novita_png_filter_open (struct novita_png_filter *f, size_t n, int step,
                            struct novita_error *e) {
  size_t stride = MARGIN + n + TILE;
  int i;
  f->n = n;
  f->step = step;
  f->try = choose();
  f->memory = calloc(stride, FILTERS + 2);
  if (f->memory == NULL) return novita_error_set_memory(e);
  f->row = f->memory + MARGIN;
  f->above = f->row + stride;
  for (i = 0; i < FILTERS; i++) {
    f->tried[i] = f->above + (size_t)(i + 1) * stride - 1;
    f->tried[i][0] = (uint8_t)(i + 1);
  }
  return 0;
}


/* The last tile extends into zeros, which add a little to all four sums. */
const uint8_t *novita_png_filter_row (struct novita_png_filter *f,
                                      const uint8_t *row) {
  unsigned sum[FILTERS] = {0, 0, 0, 0};
  uint8_t *above = f->row;
  int i, best = FILTERS - 1;
  f->row = f->above;
  f->above = above;
  memcpy(f->row, row, f->n);
  f->try(f, sum);
  for (i = 0; i < FILTERS; i++)
    if (sum[i] < sum[best]) best = i;
  return f->tried[best];
}
