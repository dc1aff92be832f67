/*
** encode.c: writes PNG through libpng: 8 bits, gray or RGB, with or without
** alpha, the filter chosen per row.
**
** libpng reports errors with longjmp: see guard.h.
*/
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "../codec/encoder.h"
#include "../codec/pixels.h"
#include "guard.h"

struct png {
  struct novita_png_guard guard;  /* first member */
  png_structp png;
  png_infop info;
  struct novita_encoder *c;
  const uint8_t *row;       /* input of the current row */
};


static void on_warning (png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}


static void on_write (png_structp png, png_bytep bytes, size_t n) {
  struct png *p = png_get_io_ptr(png);
  enum novita_buffer_result r = novita_buffer_append(p->c->out, bytes, n);
  if (r == NOVITA_BUFFER_OK) return;
  novita_encoder_fail_append(p->c, r, p->guard.e);
  novita_png_guard_leave(&p->guard);
}


static void on_flush (png_structp png) {
  (void)png;
}


static int colour_type (int channels) {
  static const int types[] = {
    PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
    PNG_COLOR_TYPE_RGB_ALPHA
  };
  return types[channels - 1];
}


static void start (void *png) {
  struct png *p = png;
  const struct novita_encoder *c = p->c;
  png_set_write_fn(p->png, p, on_write, on_flush);
  png_set_user_limits(p->png, 0x7fffffff, 0x7fffffff);
  png_set_compression_level(p->png, c->options.effort);
  png_set_IHDR(p->png, p->info, (png_uint_32)c->width, (png_uint_32)c->height,
               8, colour_type(c->channels), PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(p->png, p->info);
}


static int open_png (struct novita_encoder *c, struct novita_error *e) {
  struct png *p = calloc(1, sizeof *p);
  if (p == NULL) return novita_error_set_memory(e);
  c->state = p;
  p->c = c;
  p->guard.writes = true;
  p->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, p,
                                   novita_png_guard_fail, on_warning);
  if (p->png != NULL) p->info = png_create_info_struct(p->png);
  if (p->info == NULL) return novita_error_set_memory(e);
  return novita_png_guard_call(&p->guard, start, e);
}


static void write_row (void *png) {
  struct png *p = png;
  png_write_row(p->png, p->row);
}


static int row_png (struct novita_encoder *c, const uint8_t *row,
                    struct novita_error *e) {
  struct png *p = c->state;
  p->row = row;
  return novita_png_guard_call(&p->guard, write_row, e);
}


static void end (void *png) {
  struct png *p = png;
  png_write_end(p->png, NULL);
}


static int finish_png (struct novita_encoder *c, struct novita_error *e) {
  return novita_png_guard_call(c->state, end, e);
}


static void close_png (struct novita_encoder *c) {
  struct png *p = c->state;
  png_destroy_write_struct(&p->png, &p->info);
  free(p);
}


const struct novita_encoder_type novita_png_encode_type = {
  open_png, row_png, finish_png, close_png, NOVITA_PIXELS_MAX_SIDE,
  NULL, 0
};
