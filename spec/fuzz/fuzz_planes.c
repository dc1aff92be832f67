/*
** fuzz_planes.c: decodes a JPEG's planes, at a size that the input's length
** chooses, with our own Huffman decoder and with libjpeg alone: both must give
** the same error, or the same number of row blocks. Input that does not start
** as a JPEG is used as options and pixels to encode one; then every sample must
** be the same. (Samples of a damaged file may differ: libjpeg itself decodes
** coefficients out of range differently with and without its vector code.)
*/
#include <stdio.h>

#include <jpeglib.h>

#include "image.h"

#define OPTIONS 6

struct result {
  enum novita_error_kind kind;   /* NOVITA_ERROR_NONE, or the failure's */
  int row_blocks;               /* row blocks read */
  uint64_t digest;         /* FNV-1a of all samples of the image */
};


static void add_rows (struct result *o, const uint8_t *row, size_t stride,
                      int rows, int width) {
  int x, y;
  for (y = 0; y < rows; y++, row += stride)
    for (x = 0; x < width; x++)
      o->digest = (o->digest ^ row[x]) * 0x100000001b3u;
}


static int read_row_blocks (struct novita_decoder *d, int divisor,
                            struct result *o, struct novita_error *e) {
  struct novita_plane_layout layout;
  struct novita_plane_row_block row_block;
  int i;
  if (divisor > 1 && novita_decoder_shrink(d, divisor, e) != 0) return -1;
  if (novita_decoder_planes(d, &layout, e) != 0) return -1;
  while (d->next < d->height) {
    if (novita_decoder_row_block(d, &row_block, e) != 0) return -1;
    for (i = 0; i < layout.count; i++)
      add_rows(o, row_block.plane[i].data, row_block.plane[i].stride,
               row_block.plane[i].rows, layout.plane[i].width);
    o->row_blocks++;
  }
  return novita_decoder_finish(d, e);
}


static struct result decode (const uint8_t *data, size_t size) {
  struct result o = {NOVITA_ERROR_NONE, 0, 0xcbf29ce484222325u};
  struct novita_limits limits;
  struct novita_source source = {NULL, data, size};
  struct novita_source_reader file;
  struct novita_decoder d;
  struct novita_error e;
  fuzz_limits(&limits);
  limits.seconds = 60;  /* the results must not depend on the clock */
  memset(&e, 0, sizeof e);
  assert(novita_source_open(&file, &source, size, &e) == 0);
  if (novita_formats_open_decoder(&d, &file, &limits, 0, &e) != 0) {
    o.kind = e.kind;
    return o;
  }
  if (d.info.format == NOVITA_FORMAT_JPEG && d.info.planes > 0 &&
      read_row_blocks(&d, 1 << size % 4, &o, &e) != 0)
    o.kind = e.kind;
  novita_decoder_close(&d);
  return o;
}


static void compare (const uint8_t *data, size_t size, int samples) {
  static char by_libjpeg[] = "NOVITA_JPEG=libjpeg", own[] = "NOVITA_JPEG=own";
  struct result ours, theirs;
  putenv(own);
  ours = decode(data, size);
  putenv(by_libjpeg);
  theirs = decode(data, size);
  assert(ours.kind == theirs.kind);
  if (ours.kind != NOVITA_ERROR_NONE) return;
  assert(ours.row_blocks == theirs.row_blocks);
  if (samples) assert(ours.digest == theirs.digest);
}


static void choose (struct jpeg_compress_struct *c, const uint8_t *o) {
  c->image_width = 1 + o[0] % 70;
  c->image_height = 1 + o[1] % 50;
  c->input_components = o[2] & 1 ? 1 : 3;
  c->in_color_space = o[2] & 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(c);
  jpeg_set_quality(c, o[3] % 101, TRUE);
  c->comp_info[0].h_samp_factor = 1 + (o[2] >> 1 & 1);
  c->comp_info[0].v_samp_factor = 1 + (o[2] >> 2 & 1);
  c->optimize_coding = o[2] >> 3 & 1;
  c->restart_interval = o[4] % 9;
}


static void make_and_compare (const uint8_t *data, size_t size) {
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr errors;
  unsigned char *out = NULL;
  unsigned long len = 0;
  uint8_t row[70 * 3], *rows[1] = {row};
  size_t at = OPTIONS, i;
  c.err = jpeg_std_error(&errors);
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, &out, &len);
  choose(&c, data);
  jpeg_start_compress(&c, TRUE);
  while (c.next_scanline < c.image_height) {
    for (i = 0; i < sizeof row; i++, at++)
      row[i] = (uint8_t)(data[OPTIONS + at % (size - OPTIONS)] + at / 97);
    jpeg_write_scanlines(&c, rows, 1);
  }
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  compare(out, len, 1);
  free(out);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  if (size > 2 && data[0] == 0xff && data[1] == 0xd8) compare(data, size, 0);
  else if (size > OPTIONS) make_and_compare(data, size);
  return 0;
}
