/*
** planes.c: see planes.h
*/
#include <stdlib.h>
#include <string.h>

#include "planes.h"

#define BLOCK 8
#define NEUTRAL 128
#define TILE 64  /* pixels converted at a time: gives loops a constant length */


/* returns the bytes that the plane needs */
static size_t set_size (struct novita_plane *plane, int width, int height) {
  plane->width = width;
  plane->height = height;
  plane->pixels.width = (width + BLOCK - 1) / BLOCK * BLOCK;
  plane->pixels.height = (height + BLOCK - 1) / BLOCK * BLOCK;
  plane->pixels.channels = 1;
  return (size_t)plane->pixels.width * (size_t)plane->pixels.height;
}


int novita_planes_open (struct novita_planes *p, int width, int height,
                        int count, int chroma, struct novita_error *e) {
  int i, share = chroma == 420 ? 2 : 1;
  size_t size[NOVITA_PLANES] = {0}, total = 0;
  uint8_t *at;
  memset(p, 0, sizeof *p);
  p->count = count;
  p->width = width;
  p->height = height;
  for (i = 0; i < count; i++) {
    int d = i == 0 ? 1 : share;
    size[i] = set_size(&p->plane[i], (width + d - 1) / d, (height + d - 1) / d);
    total += size[i];
  }
  p->memory = at = malloc(total);
  if (at == NULL) return novita_error_set_memory(e);
  for (i = 0; i < count; at += size[i++]) p->plane[i].pixels.data = at;
  return 0;
}


void novita_planes_clear (const struct novita_planes *p) {
  int i;
  for (i = 0; i < p->count; i++) {
    const struct novita_pixels *pixels = &p->plane[i].pixels;
    memset(pixels->data, i == 0 ? 0 : NEUTRAL,
           novita_pixels_stride(pixels) * (size_t)pixels->height);
  }
}


void novita_planes_close (struct novita_planes *p) {
  free(p->memory);
  memset(p, 0, sizeof *p);
}


static void pad_plane (const struct novita_plane *plane) {
  const struct novita_pixels *pixels = &plane->pixels;
  int y, more = pixels->width - plane->width;
  for (y = 0; y < plane->height && more > 0; y++) {
    uint8_t *end = novita_pixels_row(pixels, y) + plane->width;
    memset(end, end[-1], (size_t)more);
  }
}


void novita_planes_pad (const struct novita_planes *p) {
  int i;
  for (i = 0; i < p->count; i++) pad_plane(&p->plane[i]);
}


static int clamp (int v) {
  return v < 0 ? 0 : v > 255 ? 255 : v;
}


/* The factors 1.402, 0.344136, 0.714136 and 1.772 with 16 fraction bits. Their
** whole parts are added apart: what is left has 16 bits, and multiplying those
** takes one instruction. */
static inline void convert (uint8_t *rgb, const uint8_t *y, const uint8_t *cb,
                            const uint8_t *cr, const int n) {
  uint8_t red[TILE], green[TILE], blue[TILE];
  int i;
  for (i = 0; i < n; i++) {
    int16_t b = (int16_t)(cb[i] - NEUTRAL), r = (int16_t)(cr[i] - NEUTRAL);
    red[i] = (uint8_t)clamp(y[i] + r + ((26345 * r + 32768) >> 16));
    green[i] = (uint8_t)clamp(y[i] - r +
                              ((32768 - 22554 * b + 18734 * r) >> 16));
    blue[i] = (uint8_t)clamp(y[i] + 2 * b + ((32768 - 14942 * b) >> 16));
  }
  for (i = 0; i < n; i++, rgb += 3)
    rgb[0] = red[i], rgb[1] = green[i], rgb[2] = blue[i];
}


void novita_planes_rgb (const struct novita_planes *p, int y, uint8_t *rgb) {
  const uint8_t *row[NOVITA_PLANES];
  int i, x;
  for (i = 0; i < NOVITA_PLANES; i++)
    row[i] = novita_pixels_row(&p->plane[i].pixels, y);
  for (x = 0; x + TILE <= p->width; x += TILE)
    convert(rgb + (size_t)x * 3, row[0] + x, row[1] + x, row[2] + x, TILE);
  if (x < p->width)
    convert(rgb + (size_t)x * 3, row[0] + x, row[1] + x, row[2] + x,
            p->width - x);
}
