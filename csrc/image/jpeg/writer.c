/*
** writer.c: see writer.h
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/jpeg_markers.h"
#include "baseline.h"
#include "fast/fdct.h"
#include "fast/huffman_write.h"
#include "headers.h"
#include "writer.h"

#define PIECE 16384    /* bytes kept before they are appended */
#define TWO 2          /* MCUs transformed at once */
#define LARGEST_MCU 6  /* blocks, at 4:2:0 */
#define LARGEST_PIECE \
  (PIECE + TWO * LARGEST_MCU * NOVITA_HUFFMAN_LARGEST_BLOCK)

struct component {
  int across, down;            /* blocks in an MCU */
  int width, height;           /* of the plane, in blocks */
  const struct novita_fdct_divisors *divisors;
  const struct novita_huffman_codes *codes;
  int dc_pred;
  /* by row of the MCU: blocks of two MCUs, side by side */
  struct novita_fdct_block block[2][2 * TWO];
  const uint8_t *rows[2][DCTSIZE];
};

struct novita_jpeg_writer {
  struct novita_encoder *c;
  const struct jpeg_compress_struct *cinfo;
  novita_fdct *fdct;
  int components, across;      /* MCUs in a row */
  int mcu_rows;                /* that were written */
  struct component component[NOVITA_PLANES];
  struct novita_huffman_writer bits;
  struct novita_huffman_block order[TWO * LARGEST_MCU];  /* in the file */
  int blocks;                  /* of an MCU */
  struct novita_zigzag_bits zigzag;
  struct novita_fdct_divisors divisors[2];
  struct novita_huffman_codes codes[2];
  uint8_t piece[LARGEST_PIECE];
  uint8_t stuffed[2 * LARGEST_PIECE];
};


/* baseline, with the tables that a header of headers.h has */
static bool is_plain (const struct jpeg_compress_struct *cinfo) {
  int i;
  if (cinfo->data_precision != 8 || cinfo->optimize_coding ||
      cinfo->arith_code || cinfo->scan_info != NULL ||
      cinfo->restart_interval != 0 || cinfo->restart_in_rows != 0 ||
      cinfo->smoothing_factor != 0 || !cinfo->write_JFIF_header ||
      cinfo->write_Adobe_marker) return false;
  for (i = 0; i < cinfo->num_components; i++) {
    const jpeg_component_info *info = &cinfo->comp_info[i];
    int table = i > 0;
    if (info->quant_tbl_no != table || info->dc_tbl_no != table ||
        info->ac_tbl_no != table || cinfo->quant_tbl_ptrs[table] == NULL ||
        cinfo->dc_huff_tbl_ptrs[table] == NULL ||
        cinfo->ac_huff_tbl_ptrs[table] == NULL) return false;
  }
  return true;
}


static int set_tables (struct novita_jpeg_writer *w,
                       const struct jpeg_compress_struct *cinfo) {
  int i, k;
  for (i = 0; i < 2 && i < w->components; i++) {
    const UINT16 *quant = cinfo->quant_tbl_ptrs[i]->quantval;
    const JHUFF_TBL *dc = cinfo->dc_huff_tbl_ptrs[i];
    const JHUFF_TBL *ac = cinfo->ac_huff_tbl_ptrs[i];
    for (k = 0; k < DCTSIZE2; k++)
      if (quant[k] < 1 || quant[k] > 255) return -1;
    novita_fdct_divide_by(&w->divisors[i], quant);
    if (novita_huffman_write_dc_codes(&w->codes[i], dc->bits,
                                     dc->huffval) != 0 ||
        novita_huffman_write_ac_codes(&w->codes[i], ac->bits,
                                     ac->huffval) != 0) return -1;
  }
  novita_huffman_write_zigzag(&w->zigzag);
  return 0;
}


static int blocks (int samples, int share) {
  return (samples + DCTSIZE * share - 1) / (DCTSIZE * share);
}


static void set_components (struct novita_jpeg_writer *w,
                            const struct jpeg_compress_struct *cinfo) {
  int i, most = cinfo->comp_info[0].h_samp_factor;
  if (w->components == 1) most = 1;
  for (i = 0; i < w->components; i++) {
    struct component *c = &w->component[i];
    int share = i > 0 ? most : 1;
    c->across = c->down = most / share;
    c->width = blocks(w->c->width, share);
    c->height = blocks(w->c->height, share);
    c->divisors = &w->divisors[i > 0];
    c->codes = &w->codes[i > 0];
  }
  w->across = blocks(w->c->width, most);
}


/* Lists the blocks of MCU 'number' of two, from 'to' on. Returns the end. */
static struct novita_huffman_block *list (struct novita_jpeg_writer *w,
                                          struct novita_huffman_block *to,
                                          int number) {
  int i, row, column;
  for (i = 0; i < w->components; i++) {
    struct component *c = &w->component[i];
    for (row = 0; row < c->down; row++)
      for (column = 0; column < c->across; column++, to++) {
        to->from = &c->block[row][number * c->across + column];
        to->codes = c->codes;
        to->dc_pred = &c->dc_pred;
      }
  }
  return to;
}


static void set_order (struct novita_jpeg_writer *w) {
  struct novita_huffman_block *second = list(w, w->order, 0);
  w->blocks = (int)(second - w->order);
  list(w, second, 1);
}


struct novita_jpeg_writer *novita_jpeg_writer_open (
  struct novita_encoder *c, const struct jpeg_compress_struct *cinfo) {
  struct novita_jpeg_writer *w;
  novita_fdct *fdct = novita_fdct_choose();
  if (fdct == NULL || novita_jpeg_baseline_is_switched_off() ||
      !is_plain(cinfo)) return NULL;
  w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  w->c = c;
  w->cinfo = cinfo;
  w->fdct = fdct;
  w->components = cinfo->num_components;
  w->bits.p = w->piece;
  if (set_tables(w, cinfo) != 0) {
    free(w);
    return NULL;
  }
  set_components(w, cinfo);
  set_order(w);
  return w;
}


void novita_jpeg_writer_close (struct novita_jpeg_writer *w) {
  free(w);
}


static int check (const struct novita_jpeg_writer *w,
                  enum novita_buffer_result r, struct novita_error *e) {
  return r == NOVITA_BUFFER_OK ? 0 : novita_encoder_fail_append(w->c, r, e);
}


/* Appends the complete bytes. */
static int flush (struct novita_jpeg_writer *w, struct novita_error *e) {
  size_t n = novita_huffman_write_stuffed(w->stuffed, w->piece,
                                          (size_t)(w->bits.p - w->piece));
  w->bits.p = w->piece;
  return check(w, novita_buffer_append(w->c->out, w->stuffed, n), e);
}


/* Below its last row, a plane repeats it. */
static void point_at (struct component *c, const struct novita_plane *plane,
                      int mcu_row) {
  int block, i, last = plane->height - 1;
  for (block = 0; block < c->down; block++)
    for (i = 0; i < DCTSIZE; i++) {
      int y = (mcu_row * c->down + block) * DCTSIZE + i;
      c->rows[block][i] = novita_pixels_row(&plane->pixels,
                                            y < last ? y : last);
    }
}


/* Two blocks. The plane may have only the left one. */
static void transform (const struct novita_jpeg_writer *w,
                       struct component *c, int row, int x, int to) {
  uint8_t samples[DCTSIZE][2 * DCTSIZE];
  const uint8_t *rows[DCTSIZE];
  int i;
  if (x + 1 < c->width) {
    w->fdct(&c->block[row][to], c->rows[row], x * DCTSIZE, c->divisors);
    return;
  }
  for (i = 0; i < DCTSIZE; i++) {
    memcpy(samples[i], c->rows[row][i] + x * DCTSIZE, DCTSIZE);
    memset(samples[i] + DCTSIZE, 0, DCTSIZE);
    rows[i] = samples[i];
  }
  w->fdct(&c->block[row][to], rows, 0, c->divisors);
}


/* Transforms the blocks of MCU 'm' and the next. */
static void transform_mcus (const struct novita_jpeg_writer *w,
                            struct component *c, int m, int mcu_row) {
  int row, i;
  for (row = 0; row < c->down; row++) {
    int left = mcu_row * c->down + row < c->height
               ? c->width - m * c->across : 0;
    for (i = 0; i < c->across * TWO; i += 2, left -= 2) {
      c->block[row][i].outside = left < 1;
      c->block[row][i + 1].outside = left < 2;
      if (left > 0) transform(w, c, row, m * c->across + i, i);
    }
  }
}


static int write_mcu_row (struct novita_jpeg_writer *w, int mcu_row,
                          struct novita_error *e) {
  int m, i;
  for (m = 0; m < w->across; m += TWO) {
    for (i = 0; i < w->components; i++)
      transform_mcus(w, &w->component[i], m, mcu_row);
    novita_huffman_write_blocks(&w->bits, &w->zigzag, w->order,
                                m + 1 < w->across ? TWO * w->blocks
                                                  : w->blocks);
    if (w->bits.p - w->piece >= PIECE && flush(w, e) != 0) return -1;
  }
  return 0;
}


int novita_jpeg_writer_planes (struct novita_jpeg_writer *w,
                               const struct novita_planes *p,
                               struct novita_error *e) {
  int i, row, rows = blocks(p->height, w->component[0].down);
  if (w->mcu_rows == 0 &&
      check(w, novita_jpeg_headers_append(w->c->out, w->cinfo), e) != 0)
    return -1;
  for (row = 0; row < rows; row++) {
    for (i = 0; i < w->components; i++)
      point_at(&w->component[i], &p->plane[i], row);
    if (write_mcu_row(w, w->mcu_rows + row, e) != 0) return -1;
  }
  w->mcu_rows += rows;
  return 0;
}


int novita_jpeg_writer_finish (struct novita_jpeg_writer *w,
                               struct novita_error *e) {
  static const uint8_t end[] = {0xff, NOVITA_JPEG_EOI};
  novita_huffman_write_end(&w->bits);
  if (flush(w, e) != 0) return -1;
  return check(w, novita_buffer_append(w->c->out, end, sizeof end), e);
}
