/*
** encode.c: writes JPEG: baseline with the standard Huffman tables (optimized
** ones take three times as long and save a few percent), planes in writer.c
** where it can, all else through libjpeg-turbo. 4:4:4 by default: losing half
** the colour resolution is visible at 512 pixels.
**
** libjpeg reports errors with longjmp, so guard_call makes every call to it.
*/
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "../codec/encoder.h"
#include "../codec/planes.h"
#include "writer.h"

#define PIECE 65536  /* the most bytes reserved at a time */

struct jpeg {
  struct jpeg_compress_struct cinfo;
  struct jpeg_error_mgr manager;
  struct jpeg_destination_mgr target;
  jmp_buf escape;
  struct novita_encoder *c;
  struct novita_jpeg_writer *own;  /* writes instead of libjpeg, or NULL */
  struct novita_error *e;   /* of the current call */
  size_t piece;             /* bytes reserved; 0 = only 'spare' is left */
  JOCTET spare;             /* for the first byte over the limit */
  const uint8_t *row;       /* input: the current row, */
  const struct novita_planes *planes;  /* or some rows of each plane */
};

typedef void (*step) (struct jpeg *j);


static int guard_call (struct jpeg *j, step todo, struct novita_error *e) {
  j->e = e;
  if (setjmp(j->escape) != 0) return -1;
  todo(j);
  return 0;
}


static void error_exit (j_common_ptr cinfo) {
  struct jpeg *j = cinfo->client_data;
  char text[JMSG_LENGTH_MAX];
  cinfo->err->format_message(cinfo, text);
  if (cinfo->err->msg_code == JERR_OUT_OF_MEMORY) novita_error_set_memory(j->e);
  else novita_error_set(j->e, NOVITA_ERROR_IMAGE, "encode",
                        "cannot be written as JPEG (%s)", text);
  longjmp(j->escape, 1);
}


static void ignore_message (j_common_ptr cinfo) {
  (void)cinfo;
}


static void ignore_level (j_common_ptr cinfo, int level) {
  (void)cinfo;
  (void)level;
}


static void refuse (struct jpeg *j, enum novita_buffer_result why) {
  novita_encoder_fail_append(j->c, why, j->e);
  longjmp(j->escape, 1);
}


/* libjpeg asks for room as soon as a piece is full, even if the file ends
** there. So a file is too large only when it continues past the limit. */
static void make_room (j_compress_ptr cinfo) {
  struct jpeg *j = cinfo->client_data;
  struct novita_buffer *out = j->c->out;
  size_t left = out->limit - out->len;
  j->piece = left < PIECE ? left : PIECE;
  j->target.next_output_byte = &j->spare;
  j->target.free_in_buffer = 1;
  if (j->piece > 0) {
    enum novita_buffer_result r = novita_buffer_reserve(out, j->piece);
    if (r != NOVITA_BUFFER_OK) refuse(j, r);
    j->target.next_output_byte = (JOCTET *)out->data + out->len;
    j->target.free_in_buffer = j->piece;
  }
}


static boolean piece_is_full (j_compress_ptr cinfo) {
  struct jpeg *j = cinfo->client_data;
  if (j->piece == 0) refuse(j, NOVITA_BUFFER_FULL);
  j->c->out->len += j->piece;
  make_room(cinfo);
  return TRUE;
}


static void end_piece (j_compress_ptr cinfo) {
  struct jpeg *j = cinfo->client_data;
  struct novita_buffer *out = j->c->out;
  if (j->piece > 0) out->len += j->piece - j->target.free_in_buffer;
  out->data[out->len] = '\0';
}


static void create (struct jpeg *j) {
  jpeg_create_compress(&j->cinfo);
  j->target.init_destination = make_room;
  j->target.empty_output_buffer = piece_is_full;
  j->target.term_destination = end_piece;
  j->cinfo.dest = &j->target;
}


static void set_chroma (struct jpeg *j) {
  int factor = j->c->options.chroma == 420 ? 2 : 1;
  if (j->cinfo.num_components < 3) return;
  j->cinfo.comp_info[0].h_samp_factor = factor;
  j->cinfo.comp_info[0].v_samp_factor = factor;
}


static J_COLOR_SPACE colour_space (const struct novita_encoder *c) {
  if (c->channels == 1) return JCS_GRAYSCALE;
  return c->options.planes ? JCS_YCbCr : JCS_RGB;
}


static void set_up (struct jpeg *j) {
  const struct novita_encoder *c = j->c;
  j->cinfo.image_width = (JDIMENSION)c->width;
  j->cinfo.image_height = (JDIMENSION)c->height;
  j->cinfo.input_components = c->channels;
  j->cinfo.in_color_space = colour_space(c);
  jpeg_set_defaults(&j->cinfo);
  jpeg_set_quality(&j->cinfo, c->options.quality, TRUE);
  set_chroma(j);
  j->cinfo.optimize_coding = c->options.optimize;
  j->cinfo.raw_data_in = c->options.planes;
  j->cinfo.dct_method = JDCT_ISLOW;
}


static void start (struct jpeg *j) {
  jpeg_start_compress(&j->cinfo, TRUE);
}


static int open_jpeg (struct novita_encoder *c, struct novita_error *e) {
  struct jpeg *j = calloc(1, sizeof *j);
  if (j == NULL) return novita_error_set_memory(e);
  c->state = j;
  j->c = c;
  j->cinfo.err = jpeg_std_error(&j->manager);
  j->manager.error_exit = error_exit;
  j->manager.emit_message = ignore_level;
  j->manager.output_message = ignore_message;
  j->cinfo.client_data = j;
  if (guard_call(j, create, e) != 0 || guard_call(j, set_up, e) != 0)
    return -1;
  if (c->options.planes) j->own = novita_jpeg_writer_open(c, &j->cinfo);
  return j->own != NULL ? 0 : guard_call(j, start, e);
}


static void write_row (struct jpeg *j) {
  JSAMPROW row;
  memcpy(&row, &j->row, sizeof row);  /* libjpeg's type is not const, but it
                                      ** does not write */
  jpeg_write_scanlines(&j->cinfo, &row, 1);
}


static int row_jpeg (struct novita_encoder *c, const uint8_t *row,
                     struct novita_error *e) {
  struct jpeg *j = c->state;
  j->row = row;
  return guard_call(j, write_row, e);
}


/* rows of a plane from 'y' on; after the last row, repeats it */
static void point_at (JSAMPROW *rows, const struct novita_plane *plane, int y,
                      int n) {
  int last = plane->height - 1;
  for (; n > 0; n--, y++)
    *rows++ = novita_pixels_row(&plane->pixels, y < last ? y : last);
}


static void write_planes (struct jpeg *j) {
  JSAMPROW rows[NOVITA_PLANES][2 * DCTSIZE];
  JSAMPARRAY all[NOVITA_PLANES] = {rows[0], rows[1], rows[2]};
  const jpeg_component_info *ci = j->cinfo.comp_info;
  int i, y, lines = ci[0].v_samp_factor * DCTSIZE;
  for (y = 0; y < j->planes->height; y += lines) {
    for (i = 0; i < j->planes->count; i++) {
      int n = ci[i].v_samp_factor * DCTSIZE;
      point_at(rows[i], &j->planes->plane[i], y / lines * n, n);
    }
    jpeg_write_raw_data(&j->cinfo, all, (JDIMENSION)lines);
  }
}


static int planes_jpeg (struct novita_encoder *c,
                        const struct novita_planes *p,
                        struct novita_error *e) {
  struct jpeg *j = c->state;
  if (j->own != NULL) return novita_jpeg_writer_planes(j->own, p, e);
  j->planes = p;
  return guard_call(j, write_planes, e);
}


static void end (struct jpeg *j) {
  jpeg_finish_compress(&j->cinfo);
}


static int finish_jpeg (struct novita_encoder *c, struct novita_error *e) {
  struct jpeg *j = c->state;
  if (j->own != NULL) return novita_jpeg_writer_finish(j->own, e);
  return guard_call(j, end, e);
}


static void close_jpeg (struct novita_encoder *c) {
  struct jpeg *j = c->state;
  novita_jpeg_writer_close(j->own);
  jpeg_destroy_compress(&j->cinfo);
  free(j);
}


const struct novita_encoder_type novita_jpeg_encode_type = {
  open_jpeg, row_jpeg, finish_jpeg, close_jpeg, JPEG_MAX_DIMENSION,
  planes_jpeg, 1
};
