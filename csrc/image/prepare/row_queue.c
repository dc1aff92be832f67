/*
** row_queue.c: see row_queue.h
*/
#include <string.h>

#include "row_queue.h"


int novita_strips_open (struct novita_strips *s, int width, int height,
                        int count, int lanes, int chroma,
                        struct novita_error *e) {
  memset(s, 0, sizeof *s);
  s->lanes = lanes;
  s->chroma = chroma;
  s->left = height;
  return novita_planes_open(&s->rows, width, 2 * NOVITA_STRIP, count, chroma,
                            e);
}


void novita_strips_close (struct novita_strips *s) {
  novita_planes_close(&s->rows);
}


/* 'from' and 'to' are of one width */
static void copy_rows (const struct novita_plane *to, int y,
                       const struct novita_plane *from, int first, int n) {
  memmove(novita_pixels_row(&to->pixels, y),
          novita_pixels_row(&from->pixels, first),
          novita_pixels_stride(&from->pixels) * (size_t)n);
}


static int grow (struct novita_strips *s, struct novita_error *e) {
  struct novita_planes more;
  int i;
  if (novita_planes_open(&more, s->rows.width, 2 * s->rows.height,
                         s->rows.count, s->chroma, e) != 0) return -1;
  for (i = 0; i < s->lanes; i++)
    copy_rows(&more.plane[i], 0, &s->rows.plane[i], 0, s->have[i]);
  novita_planes_close(&s->rows);
  s->rows = more;
  return 0;
}


uint8_t *novita_strips_slot (struct novita_strips *s, int i,
                             struct novita_error *e) {
  if (s->have[i] == s->rows.plane[i].height && grow(s, e) != 0) return NULL;
  return novita_pixels_row(&s->rows.plane[i].pixels, s->have[i]);
}


void novita_strips_put (struct novita_strips *s, int i) {
  s->have[i]++;
}


int novita_strips_band (const struct novita_strips *s,
                        struct novita_planes *band) {
  int i, n = s->left < NOVITA_STRIP ? s->left : NOVITA_STRIP;
  if (n == 0) return 0;
  *band = s->rows;
  band->height = n;
  for (i = 0; i < s->rows.count; i++) {
    int rows = i > 0 && s->chroma == 420 ? (n + 1) / 2 : n;
    if (i < s->lanes && s->have[i] < rows) return 0;
    band->plane[i].height = rows;
  }
  return 1;
}


void novita_strips_drop (struct novita_strips *s,
                         const struct novita_planes *band) {
  int i;
  for (i = 0; i < s->lanes; i++) {
    s->have[i] -= band->plane[i].height;
    copy_rows(&s->rows.plane[i], 0, &s->rows.plane[i], band->plane[i].height,
              s->have[i]);
  }
  s->left -= band->height;
}
