/*
** row_queue.c: see row_queue.h
*/
#include <string.h>

#include "row_queue.h"


int novita_row_queue_open (struct novita_row_queue *s, int width, int height,
                           int count, int planes, int chroma,
                           struct novita_error *e) {
  memset(s, 0, sizeof *s);
  s->planes = planes;
  s->chroma = chroma;
  s->left = height;
  if (novita_planes_open(&s->rows, width, 2 * NOVITA_ROW_QUEUE_BLOCK, count,
                         chroma, e) != 0) return -1;
  novita_planes_clear(&s->rows);
  return 0;
}


void novita_row_queue_close (struct novita_row_queue *s) {
  novita_planes_close(&s->rows);
}


/* 'from' and 'to' have the same width */
static void copy_rows (const struct novita_plane *to, int y,
                       const struct novita_plane *from, int first, int n) {
  memmove(novita_pixels_row(&to->pixels, y),
          novita_pixels_row(&from->pixels, first),
          novita_pixels_stride(&from->pixels) * (size_t)n);
}


static int grow (struct novita_row_queue *s, struct novita_error *e) {
  struct novita_planes more;
  int i;
  if (novita_planes_open(&more, s->rows.width, 2 * s->rows.height,
                         s->rows.count, s->chroma, e) != 0) return -1;
  novita_planes_clear(&more);
  for (i = 0; i < s->planes; i++)
    copy_rows(&more.plane[i], 0, &s->rows.plane[i], 0, s->have[i]);
  novita_planes_close(&s->rows);
  s->rows = more;
  return 0;
}


uint8_t *novita_row_queue_slot (struct novita_row_queue *s, int i,
                                struct novita_error *e) {
  if (s->have[i] == s->rows.plane[i].height && grow(s, e) != 0) return NULL;
  return novita_pixels_row(&s->rows.plane[i].pixels, s->have[i]);
}


void novita_row_queue_put (struct novita_row_queue *s, int i) {
  s->have[i]++;
}


bool novita_row_queue_row_block (const struct novita_row_queue *s,
                                 struct novita_planes *row_block) {
  int i, n = NOVITA_ROW_QUEUE_BLOCK;
  if (s->left < n) n = s->left;
  if (n == 0) return false;
  *row_block = s->rows;
  row_block->height = n;
  for (i = 0; i < s->rows.count; i++) {
    int rows = i > 0 && s->chroma == 420 ? (n + 1) / 2 : n;
    if (i < s->planes && s->have[i] < rows) return false;
    row_block->plane[i].height = rows;
  }
  return true;
}


void novita_row_queue_drop (struct novita_row_queue *s,
                            const struct novita_planes *row_block) {
  int i;
  for (i = 0; i < s->planes; i++) {
    s->have[i] -= row_block->plane[i].height;
    copy_rows(&s->rows.plane[i], 0, &s->rows.plane[i],
              row_block->plane[i].height, s->have[i]);
  }
  s->left -= row_block->height;
}
