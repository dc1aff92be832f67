/*
** network.c: see network.h.
**
** The maps between layers are pooled, so that the larger ones, of sums that are
** not pooled yet, need not exist: a layer works on a few rows at a time, which
** stay in the cache. Maps have a frame of zeros, as wide as the filters reach.
*/
#include <stdlib.h>
#include <string.h>

#include "network.h"

#define RGB 3
#define LAST (NOVITA_FACES_LAYERS - 1)
#define BLOCK NOVITA_FACES_BLOCK
#define PIXELS 96  /* that a layer works on at least, as far as it has them: the
                   ** parameters are read once for all of them */

/* an image or a map; rows without gaps */
struct map {
  float *data;
  int width, height, channels;
};

/* memory for the rows that a layer works on */
struct strip {
  float *filtered;   /* the depthwise filter's output */
  float *sums;
};

static const float mean[RGB] = {117.001f, 114.697f, 97.404f};


static size_t area (int width, int height, int channels) {
  return (size_t)width * (size_t)height * (size_t)channels;
}


static float *at (const struct map *m, int x, int y) {
  return m->data + ((size_t)y * (size_t)m->width + (size_t)x) *
                   (size_t)m->channels;
}


/* {====== memory: one block for everything */

/* The side of the map that layer 'i' reads, without its frame. */
static int side_of (int side, int i) {
  int k;
  if (i == 0) return side;
  side = (side - 2) / 2;  /* the first layer has no frame */
  for (k = 2; k <= i && k < LAST; k++) side = (side + 1) / 2;
  return side;
}


static int framed (int i) {
  return i == 0 || i == LAST ? 0 : 1;
}


static size_t map_size (const struct novita_faces_network *n, int i) {
  int side = side_of(n->side, i) + 2 * framed(i);
  return area(side, side, n->model->layer[i].channels);
}


/* The rows that layer 'i' works on. The last one that filters is pooled with a
** step of 1, so that its strips would overlap: it is worked on as a whole. */
static int strip_rows (const struct novita_faces_network *n, int i) {
  int side = side_of(n->side, i), rows = (PIXELS + side - 1) / side;
  if (i == LAST - 1 || rows > side) rows = side;
  return (rows + 1) / 2 * 2;
}


/* floats for the filtered rows of layer 'i', and for its sums */
static size_t filtered_size (const struct novita_faces_network *n, int i) {
  return area(side_of(n->side, i), strip_rows(n, i),
              n->model->layer[i].channels);
}


static size_t sums_size (const struct novita_faces_network *n, int i) {
  return area(side_of(n->side, i), strip_rows(n, i),
              n->model->layer[i].outputs);
}


static size_t result_size (const struct novita_faces_network *n) {
  return area(n->cells, n->cells, NOVITA_FACES_VALUES);
}


/* Everything inside the frame is written by the layer before. */
static void clear_frame (const struct map *m) {
  size_t row = area(m->width, 1, m->channels) * sizeof *m->data;
  size_t pixel = (size_t)m->channels * sizeof *m->data;
  int y;
  for (y = 0; y < m->height; y++) {
    if (y == 0 || y == m->height - 1) memset(at(m, 0, y), 0, row);
    memset(at(m, 0, y), 0, pixel);
    memset(at(m, m->width - 1, y), 0, pixel);
  }
}


static int reserve (struct novita_faces_network *n, struct strip *strip,
                    struct map *maps) {
  size_t total = 0, filtered = 0, sums = 0;
  float *p;
  int i;
  for (i = 0; i < NOVITA_FACES_LAYERS; i++) {
    total += map_size(n, i);
    if (filtered_size(n, i) > filtered) filtered = filtered_size(n, i);
    if (sums_size(n, i) > sums) sums = sums_size(n, i);
  }
  total += filtered + sums + result_size(n);
  p = n->memory = malloc(total * sizeof *p);
  if (p == NULL) return -1;
  for (i = 0; i < NOVITA_FACES_LAYERS; p += map_size(n, i++)) {
    maps[i].data = p;
    maps[i].width = maps[i].height = side_of(n->side, i) + 2 * framed(i);
    maps[i].channels = n->model->layer[i].channels;
    if (framed(i)) clear_frame(&maps[i]);
  }
  strip->filtered = p;
  strip->sums = p + filtered;
  n->out = strip->sums + sums;
  return 0;
}

/* }====== */


static void read_row (float *to, const uint8_t *row, int width,
                      float table[RGB][256]) {
  int x, ch;
  for (x = 0; x < width; x++, to += RGB, row += RGB)
    for (ch = 0; ch < RGB; ch++) to[ch] = table[ch][row[ch]];
}


/* pixels x to end - 1 of a row beside the image or below it */
static void fill_black (const struct map *in, int x, int end, int y,
                        float table[RGB][256]) {
  int ch;
  for (; x < end; x++)
    for (ch = 0; ch < RGB; ch++) at(in, x, y)[ch] = table[ch][0];
}


/* The mean is subtracted from the black beside the image, too. */
static void read_image (const struct map *in, const uint8_t *rgb, int width,
                        int height) {
  float table[RGB][256];
  size_t row = (size_t)width * RGB;
  int x, y, ch;
  for (ch = 0; ch < RGB; ch++)
    for (x = 0; x < 256; x++)
      table[ch][x] = ((float)x - mean[ch]) / 255.0f;
  for (y = 0; y < height; y++) {
    read_row(at(in, 0, y), rgb + (size_t)y * row, width, table);
    fill_black(in, width, in->width, y, table);
  }
  for (; y < in->height; y++) fill_black(in, 0, in->width, y, table);
}


/* the sums of all outputs of a layer */
static void mix (const struct novita_faces_network *n, int i,
                 struct novita_faces_sums *s) {
  const struct novita_faces_layer *layer = &n->model->layer[i];
  float *out = s->out;
  int o;
  s->leaky = i != LAST;
  s->out_step = (size_t)layer->outputs;
  for (o = 0; o < layer->outputs; o += BLOCK) {
    s->mix = layer->mix + (size_t)o * (size_t)(s->rows * s->length);
    s->bias = layer->bias + o;
    s->out = out + o;
    n->kernels->sums(s);
  }
}


/* Pools one row of pairs of 'a' and 'b'. An odd pixel at the end is its own
** neighbour. */
static void pool_row (const struct novita_faces_network *n, float *out,
                      const float *a, const float *b, int width, int step,
                      int channels) {
  size_t next = (size_t)channels, last = (size_t)(width - 1) * next;
  const float *const pairs[4] = {a, a + next, b, b + next};
  const float *const end[4] = {a + last, a + last, b + last, b + last};
  int whole = step == 2 ? width / 2 : width - 1;
  n->kernels->pool(out, pairs, whole, step, channels);
  if (whole * step < width)
    n->kernels->pool(out + (size_t)whole * next, end, 1, 1, channels);
}


/* Pools 'rows' rows of sums in pairs; an odd row is its own neighbour. */
static void pool_rows (const struct novita_faces_network *n,
                       const float *sums, int width, int rows, int step,
                       const struct map *out, int frame, int y) {
  size_t row = (size_t)width * (size_t)out->channels;
  int k;
  for (k = 0; k < rows; k += step) {
    const float *a = sums + (size_t)k * row;
    pool_row(n, at(out, frame, frame + y + k / step), a,
             k + 1 < rows ? a + row : a, width, step, out->channels);
  }
}


/* Sums of only black are all the same: copies those of pixel 'from' to the rest
** of a row. */
static void repeat (float *sums, int from, int width, int outputs) {
  const float *first = sums + area(from, 1, outputs);
  int x;
  for (x = from + 1; x < width; x++)
    memcpy(sums + area(x, 1, outputs), first,
           (size_t)outputs * sizeof *sums);
}


/* The image has wide x high pixels: what is beside and below it is black. */
static void first_layer (const struct novita_faces_network *n,
                         const struct map *in, const struct strip *strip,
                         const struct map *out, int wide, int high) {
  const int width = in->width - 2;
  struct novita_faces_sums s = {0};
  int y, k;
  s.in_step = RGB;
  s.rows = 3;
  s.length = 3 * RGB;
  s.row_step = (size_t)in->width * RGB;
  s.n = wide < width ? wide + 1 : width;
  for (y = 0; y < in->height - 2; y += 2) {
    if (y >= high + 2) {  /* the row above is black, too */
      memcpy(at(out, 0, 1 + y / 2), at(out, 0, y / 2),
             area(out->width, 1, out->channels) * sizeof *out->data);
      continue;
    }
    for (k = 0; k < 2; k++) {
      s.in = at(in, 0, y + k);
      s.out = strip->sums + area(width, k, out->channels);
      mix(n, 0, &s);
      repeat(s.out, s.n - 1, width, out->channels);
    }
    pool_rows(n, strip->sums, width, 2, 2, out, 1, y / 2);
  }
}


/* rows y to y + rows - 1 of a layer: filtered, mixed, not yet pooled */
static void layer_rows (const struct novita_faces_network *n, int i,
                        const struct map *in, const struct strip *strip,
                        int y, int rows) {
  const int width = in->width - 2, channels = in->channels;
  struct novita_faces_sums s = {0};
  int k;
  for (k = 0; k < rows; k++) {
    const float *const row[3] = {at(in, 0, y + k), at(in, 0, y + k + 1),
                                 at(in, 0, y + k + 2)};
    n->kernels->depthwise(strip->filtered + area(width, k, channels), row,
                          n->model->layer[i].depthwise, width, channels);
  }
  s.in = strip->filtered;
  s.in_step = (size_t)channels;
  s.rows = 1;
  s.length = channels;
  s.row_step = 0;
  s.out = strip->sums;
  s.n = width * rows;
  mix(n, i, &s);
}


static void inner_layer (const struct novita_faces_network *n, int i,
                         const struct map *in, const struct strip *strip,
                         const struct map *out) {
  const int side = in->height - 2, most = strip_rows(n, i);
  const int step = i == LAST - 1 ? 1 : 2;
  int y;
  for (y = 0; y < side; y += most) {
    int rows = side - y < most ? side - y : most;
    layer_rows(n, i, in, strip, y, rows);
    pool_rows(n, strip->sums, side, rows, step, out, framed(i + 1), y / step);
  }
}


static void last_layer (const struct novita_faces_network *n,
                        const struct map *in) {
  struct novita_faces_sums s = {0};
  s.in = in->data;
  s.in_step = (size_t)in->channels;
  s.rows = 1;
  s.length = in->channels;
  s.row_step = 0;
  s.out = n->out;
  s.n = in->width * in->height;
  mix(n, LAST, &s);
}


int novita_faces_network_run (struct novita_faces_network *n,
                              const uint8_t *rgb, int width, int height) {
  struct map maps[NOVITA_FACES_LAYERS];
  struct strip strip;
  int i;
  n->cells = n->side / NOVITA_FACES_STRIDE;
  if (reserve(n, &strip, maps) != 0) return -1;
  read_image(&maps[0], rgb, width, height);
  first_layer(n, &maps[0], &strip, &maps[1], width, height);
  for (i = 1; i < LAST; i++) inner_layer(n, i, &maps[i], &strip, &maps[i + 1]);
  last_layer(n, &maps[LAST]);
  return 0;
}


void novita_faces_network_close (struct novita_faces_network *n) {
  free(n->memory);
  n->memory = n->out = NULL;
}
