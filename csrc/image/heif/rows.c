/*
** rows.c: see rows.h
*/
#include <string.h>

#include "rows.h"

#define ALPHA 3
#define WIDE 65535u


/* v of 'from' as one of 'to', rounded; at most 'to' */
static unsigned scale (unsigned v, unsigned from, unsigned to) {
  return v >= from ? to : (unsigned)(((uint64_t)v * to + from / 2) / from);
}


static const uint8_t *row_of (const struct novita_heif_rows *r, int plane,
                              int y) {
  return r->plane[plane].data + (size_t)y * r->plane[plane].stride;
}


/* a sample from 0 to 65535 */
static unsigned sample (const struct novita_heif_rows *r, int plane, int x,
                        int y) {
  const uint8_t *row = row_of(r, plane, y);
  uint16_t v;
  if (r->plane[plane].bits == 8) return row[x] * 257u;
  memcpy(&v, row + (size_t)x * sizeof v, sizeof v);
  return scale(v, (1u << r->plane[plane].bits) - 1, WIDE);
}


/* the colour before it was multiplied by alpha */
static unsigned straight (const struct novita_heif_rows *r, int plane, int x,
                          int y) {
  unsigned v = sample(r, plane, x, y), alpha;
  if (!r->premultiplied || plane == ALPHA) return v;
  alpha = sample(r, ALPHA, x, y);
  return alpha == 0 ? 0 : scale(v, alpha, WIDE);
}


void novita_heif_rows_get_wide (const struct novita_heif_rows *r, int y,
                                uint16_t *out) {
  int x, k;
  for (x = 0; x < r->width; x++)
    for (k = 0; k < r->channels; k++)
      *out++ = (uint16_t)straight(r, k, x, y);
}


/* the usual case: 8 bits that need no change */
static void copy_plane (const struct novita_heif_rows *r, int plane, int y,
                        uint8_t *out) {
  const uint8_t *row = row_of(r, plane, y);
  int x;
  out += plane;
  for (x = 0; x < r->width; x++, out += r->channels) *out = row[x];
}


static void scale_plane (const struct novita_heif_rows *r, int plane, int y,
                         uint8_t *out) {
  int x;
  out += plane;
  for (x = 0; x < r->width; x++, out += r->channels)
    *out = (uint8_t)scale(straight(r, plane, x, y), WIDE, 255);
}


void novita_heif_rows_get (const struct novita_heif_rows *r, int y,
                           uint8_t *out) {
  int k;
  for (k = 0; k < r->channels; k++)
    if (r->plane[k].bits == 8 && (!r->premultiplied || k == ALPHA))
      copy_plane(r, k, y, out);
    else scale_plane(r, k, y, out);
}
