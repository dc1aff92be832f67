/*
** fast.c: writes PNG with effort 1, for photographs: the filter is chosen per
** row (filter.h), and deflate looks for runs only (deflate.h). Each deflate
** block becomes an IDAT chunk, so nothing is held in memory.
*/
#include <stdlib.h>

#include "../codec/encoder.h"
#include "../codec/pixels.h"
#include "checks.h"
#include "deflate.h"
#include "filter.h"

struct png {
  struct novita_png_filter filter;
  struct novita_deflate deflate;
};


static void put_number (uint8_t out[4], uint32_t v) {
  int i;
  for (i = 0; i < 4; i++) out[i] = (uint8_t)(v >> (24 - 8 * i));
}


static int append (struct novita_encoder *c, const void *bytes, size_t n,
                   struct novita_error *e) {
  enum novita_buffer_result r = novita_buffer_append(c->out, bytes, n);
  return r == NOVITA_BUFFER_OK ? 0 : novita_encoder_fail_append(c, r, e);
}


static int put_chunk (struct novita_encoder *c, const char *name,
                      const uint8_t *data, size_t n, struct novita_error *e) {
  uint8_t head[8], tail[4];
  uint32_t sum;
  int i;
  put_number(head, (uint32_t)n);
  for (i = 0; i < 4; i++) head[4 + i] = (uint8_t)name[i];
  sum = novita_png_checks_crc(0, head + 4, 4);
  if (n > 0) sum = novita_png_checks_crc(sum, data, n);
  put_number(tail, sum);
  if (append(c, head, sizeof head, e) != 0) return -1;
  if (n > 0 && append(c, data, n, e) != 0) return -1;
  return append(c, tail, sizeof tail, e);
}


static int put_pixels (void *context, const uint8_t *bytes, size_t n,
                       struct novita_error *e) {
  return put_chunk(context, "IDAT", bytes, n, e);
}


static int put_header (struct novita_encoder *c, struct novita_error *e) {
  static const uint8_t types[] = {0, 4, 2, 6};  /* gray, + alpha, RGB, RGBA */
  uint8_t header[13] = {0};
  put_number(header, (uint32_t)c->width);
  put_number(header + 4, (uint32_t)c->height);
  header[8] = 8;
  header[9] = types[c->channels - 1];
  if (append(c, "\x89PNG\r\n\x1a\n", 8, e) != 0) return -1;
  return put_chunk(c, "IHDR", header, sizeof header, e);
}


static int open_png (struct novita_encoder *c, struct novita_error *e) {
  struct png *p = calloc(1, sizeof *p);
  if (p == NULL) return novita_error_set_memory(e);
  c->state = p;
  if (novita_deflate_open(&p->deflate, put_pixels, c, e) != 0 ||
      novita_png_filter_open(&p->filter,
                             (size_t)c->width * (size_t)c->channels,
                             c->channels, e) != 0) return -1;
  return put_header(c, e);
}


static int row_png (struct novita_encoder *c, const uint8_t *row,
                    struct novita_error *e) {
  struct png *p = c->state;
  return novita_deflate_write(&p->deflate,
                              novita_png_filter_row(&p->filter, row),
                              p->filter.n + 1, e);
}


static int finish_png (struct novita_encoder *c, struct novita_error *e) {
  struct png *p = c->state;
  if (novita_deflate_finish(&p->deflate, e) != 0) return -1;
  return put_chunk(c, "IEND", NULL, 0, e);
}


static void close_png (struct novita_encoder *c) {
  struct png *p = c->state;
  novita_deflate_close(&p->deflate);
  novita_png_filter_close(&p->filter);
  free(p);
}


const struct novita_encoder_type novita_png_fast_type = {
  open_png, row_png, finish_png, close_png, NOVITA_PIXELS_MAX_SIDE,
  NULL, 0
};
