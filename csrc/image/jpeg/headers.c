/*
** headers.c: see headers.h
*/
#include <stdint.h>

#include "../codec/jpeg_markers.h"
#include "headers.h"

#define LARGEST 2048   /* all tables of an image with three components */

struct text {
  uint8_t bytes[LARGEST];
  size_t n;
};


static void put_byte (struct text *t, int byte) {
  t->bytes[t->n++] = (uint8_t)byte;
}


static void put_two (struct text *t, int n) {
  put_byte(t, n >> 8);
  put_byte(t, n & 255);
}


static void put_marker (struct text *t, int marker) {
  put_byte(t, 0xff);
  put_byte(t, marker);
}


static void put_jfif (struct text *t, const struct jpeg_compress_struct *c) {
  put_marker(t, NOVITA_JPEG_APP0);
  put_two(t, 16);
  put_two(t, 'J' << 8 | 'F');
  put_two(t, 'I' << 8 | 'F');
  put_byte(t, 0);
  put_byte(t, c->JFIF_major_version);
  put_byte(t, c->JFIF_minor_version);
  put_byte(t, c->density_unit);
  put_two(t, c->X_density);
  put_two(t, c->Y_density);
  put_two(t, 0);  /* no thumbnail */
}


/* The zigzag order: from each diagonal to the next, in turns. */
static void put_in_zigzag (struct text *t, const UINT16 *quant) {
  int sum, i;
  for (sum = 0; sum < 2 * DCTSIZE - 1; sum++)
    for (i = 0; i <= sum; i++) {
      int row = sum % 2 == 0 ? sum - i : i, column = sum - row;
      if (row < DCTSIZE && column < DCTSIZE)
        put_byte(t, quant[row * DCTSIZE + column]);
    }
}


/* tables of components have the numbers 0 and 1 */
static int tables (const struct jpeg_compress_struct *c) {
  return c->num_components == 1 ? 1 : 2;
}


static void put_quant (struct text *t, const struct jpeg_compress_struct *c) {
  int i;
  for (i = 0; i < tables(c); i++) {
    put_marker(t, NOVITA_JPEG_DQT);
    put_two(t, 2 + 1 + DCTSIZE2);
    put_byte(t, i);
    put_in_zigzag(t, c->quant_tbl_ptrs[i]->quantval);
  }
}


static void put_frame (struct text *t, const struct jpeg_compress_struct *c) {
  int i;
  put_marker(t, NOVITA_JPEG_SOF0);
  put_two(t, 8 + 3 * c->num_components);
  put_byte(t, c->data_precision);
  put_two(t, (int)c->image_height);
  put_two(t, (int)c->image_width);
  put_byte(t, c->num_components);
  for (i = 0; i < c->num_components; i++) {
    const jpeg_component_info *info = &c->comp_info[i];
    put_byte(t, info->component_id);
    put_byte(t, info->h_samp_factor << 4 | info->v_samp_factor);
    put_byte(t, info->quant_tbl_no);
  }
}


static void put_codes (struct text *t, int number, const JHUFF_TBL *table) {
  int i, n = 0;
  for (i = 1; i <= 16; i++) n += table->bits[i];
  put_marker(t, NOVITA_JPEG_DHT);
  put_two(t, 2 + 1 + 16 + n);
  put_byte(t, number);
  for (i = 1; i <= 16; i++) put_byte(t, table->bits[i]);
  for (i = 0; i < n; i++) put_byte(t, table->huffval[i]);
}


static void put_scan (struct text *t, const struct jpeg_compress_struct *c) {
  int i;
  for (i = 0; i < tables(c); i++) {
    put_codes(t, i, c->dc_huff_tbl_ptrs[i]);
    put_codes(t, 0x10 | i, c->ac_huff_tbl_ptrs[i]);
  }
  put_marker(t, NOVITA_JPEG_SOS);
  put_two(t, 6 + 2 * c->num_components);
  put_byte(t, c->num_components);
  for (i = 0; i < c->num_components; i++) {
    const jpeg_component_info *info = &c->comp_info[i];
    put_byte(t, info->component_id);
    put_byte(t, info->dc_tbl_no << 4 | info->ac_tbl_no);
  }
  put_byte(t, 0);  /* all coefficients in one scan */
  put_byte(t, DCTSIZE2 - 1);
  put_byte(t, 0);
}


enum novita_buffer_result novita_jpeg_headers_append (
  struct novita_buffer *out, const struct jpeg_compress_struct *cinfo) {
  struct text t;
  t.n = 0;
  put_marker(&t, NOVITA_JPEG_SOI);
  put_jfif(&t, cinfo);
  put_quant(&t, cinfo);
  put_frame(&t, cinfo);
  put_scan(&t, cinfo);
  return novita_buffer_append(out, t.bytes, t.n);
}
