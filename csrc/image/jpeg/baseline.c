/*
** baseline.c: see baseline.h
*/
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "fast/huffman.h"
#include "fast/idct.h"

/* bytes: 10 blocks of 64 coefficients of up to 26 bits, with stuffing, take
** half of this */
#define LARGEST_MCU 8192

/* one component, in scan order */
struct component {
  jpeg_component_info info;  /* libjpeg frees its own when it finishes */
  const struct novita_huff_table *dc, *ac;
  uint16_t quant[DCTSIZE2];
  int dc_pred;               /* of the block before */
  int side;                  /* samples of a block, across and down */
  novita_idct *idct;
  size_t stride;             /* of the samples */
  const struct novita_plane_window *window;
};

/* one block of every MCU in a row block, in scan order */
struct block {
  struct component *c;
  uint8_t *out;              /* for the first MCU */
  size_t step;               /* samples from one MCU to the next */
  int first, end;            /* MCUs in which it is used */
};

struct novita_jpeg_baseline {
  const struct jpeg_decompress_struct *cinfo;
  novita_jpeg_huffman_decode_blocks *read_blocks;
  struct novita_source_reader *file;
  struct novita_bit_reader reader;
  struct novita_huff_table dc[NUM_HUFF_TBLS], ac[NUM_HUFF_TBLS];
  struct component component[NOVITA_PLANES];
  int components;
  struct block block_of_mcu[D_MAX_BLOCKS_IN_MCU];
  struct novita_huff_block codes[D_MAX_BLOCKS_IN_MCU];
  int blocks;
  int across, down;       /* the image in MCUs */
  int row_block;          /* number of the next */
  int interval, until_restart;  /* MCUs between restart markers, or 0 */
  int restart;            /* number of the next restart marker */
  bool only_checks;       /* makes no samples */
  bool unended;           /* no end marker after the last MCU */
};


bool novita_jpeg_baseline_is_switched_off (void) {
#ifdef NOVITA_NO_FAST_JPEG
  return true;
#else
  const char *name = getenv("NOVITA_JPEG");
  return name != NULL && strcmp(name, "libjpeg") == 0;
#endif
}


/* The scan's header also has a range of coefficients, which only a progressive
** file uses: Samsung's phones write zeros there. */
static bool is_plain (const struct jpeg_decompress_struct *cinfo) {
  const jpeg_component_info *first = cinfo->comp_info;
  if (cinfo->progressive_mode || cinfo->arith_code ||
      cinfo->data_precision != 8 ||
      cinfo->comps_in_scan != cinfo->num_components) return false;
  return cinfo->num_components == NOVITA_PLANES ||
         (cinfo->num_components == 1 && first->h_samp_factor == 1 &&
          first->v_samp_factor == 1);
}


static int make_table (struct novita_huff_table *c, JHUFF_TBL *const *tables,
                       int number, bool is_dc) {
  if (number < 0 || number >= NUM_HUFF_TBLS || tables[number] == NULL)
    return -1;
  return novita_jpeg_huffman_make_table(&c[number], tables[number]->bits,
                                        tables[number]->huffval, is_dc);
}


static int set_component (struct novita_jpeg_baseline *f, struct component *c,
                          const jpeg_component_info *info) {
  const struct jpeg_decompress_struct *cinfo = f->cinfo;
  int i, q = info->quant_tbl_no;
  c->info = *info;
  if (q < 0 || q >= NUM_QUANT_TBLS || cinfo->quant_tbl_ptrs[q] == NULL)
    return -1;
  for (i = 0; i < DCTSIZE2; i++)
    c->quant[NOVITA_IDCT_INDEX(i)] = cinfo->quant_tbl_ptrs[q]->quantval[i];
  if (make_table(f->dc, cinfo->dc_huff_tbl_ptrs, info->dc_tbl_no, 1) != 0 ||
      make_table(f->ac, cinfo->ac_huff_tbl_ptrs, info->ac_tbl_no, 0) != 0)
    return -1;
  c->dc = &f->dc[info->dc_tbl_no];
  c->ac = &f->ac[info->ac_tbl_no];
  return 0;
}


static void set_size (struct novita_jpeg_baseline *f) {
  const struct jpeg_decompress_struct *cinfo = f->cinfo;
  int across = cinfo->max_h_samp_factor * DCTSIZE;
  int down = cinfo->max_v_samp_factor * DCTSIZE;
  f->across = ((int)cinfo->image_width + across - 1) / across;
  f->down = ((int)cinfo->image_height + down - 1) / down;
  f->interval = f->until_restart = (int)cinfo->restart_interval;
}


/* libjpeg reports an MCU of too many blocks, perhaps later than this is called
*/
static int count_blocks (const struct jpeg_decompress_struct *cinfo) {
  int i, n = 0;
  for (i = 0; i < cinfo->comps_in_scan; i++)
    n += cinfo->cur_comp_info[i]->h_samp_factor *
         cinfo->cur_comp_info[i]->v_samp_factor;
  return n;
}


/* reads from byte 'at' of the file's window */
static void set_input (struct novita_jpeg_baseline *f, size_t at) {
  f->reader.p = f->file->data + at;
  f->reader.end = f->file->data + f->file->len;
}


static int set_up (struct novita_jpeg_baseline *f,
                   const struct novita_jpeg *j) {
  const struct jpeg_decompress_struct *cinfo = f->cinfo = &j->cinfo;
  int i;
  f->read_blocks = novita_jpeg_huffman_choose();
  f->components = cinfo->comps_in_scan;
  f->file = j->d->file;
  for (i = 0; i < f->components; i++) {
    const jpeg_component_info *info = cinfo->cur_comp_info[i];
    if (set_component(f, &f->component[i], info) != 0) return -1;
    f->component[i].window = &j->d->window[info->component_index];
  }
  set_size(f);
  return 0;
}


struct novita_jpeg_baseline *novita_jpeg_baseline_open_check (
  const struct novita_jpeg *j) {
  struct novita_jpeg_baseline *f;
  if (!is_plain(&j->cinfo) || count_blocks(&j->cinfo) > D_MAX_BLOCKS_IN_MCU)
    return NULL;
  f = calloc(1, sizeof *f);
  if (f == NULL) return NULL;
  f->only_checks = true;
  if (set_up(f, j) == 0) return f;
  free(f);
  return NULL;
}


/* libjpeg may make blocks of other sizes, or not square */
static int choose_idct (struct component *c) {
  c->side = NOVITA_JPEG_SIDE_X(&c->info);
  if (c->side != NOVITA_JPEG_SIDE_Y(&c->info)) return -1;
  c->stride = (size_t)c->info.width_in_blocks * (size_t)c->side;
  c->idct = novita_idct_choose(c->side);
  return c->idct != NULL ? 0 : -1;
}


struct novita_jpeg_baseline *novita_jpeg_baseline_open (
  const struct novita_jpeg *j) {
  struct novita_jpeg_baseline *f;
  int i;
  if (novita_jpeg_baseline_is_switched_off()) return NULL;
  f = novita_jpeg_baseline_open_check(j);
  if (f == NULL) return NULL;
  f->only_checks = false;
  for (i = 0; i < f->components; i++)
    if (choose_idct(&f->component[i]) != 0) {
      free(f);
      return NULL;
    }
  set_input(f, j->scan - f->file->at);
  return f;
}


void novita_jpeg_baseline_close (struct novita_jpeg_baseline *f) {
  free(f);
}


/* number of the first MCU in which the block in column 'x' of the MCU is at or
** after 'column'; columns are those of blocks */
static int mcu_at (const struct component *c, int column, int x) {
  int wide = c->info.h_samp_factor;
  return (column - x + wide - 1) / wide;
}


/* is row 'y' of the MCU's blocks inside the image and used? */
static bool row_is_used (const struct novita_jpeg_baseline *f,
                         const struct component *c, int y) {
  y += f->row_block * c->info.v_samp_factor;
  return y < (int)c->info.height_in_blocks && y * c->side < c->window->bottom &&
         (y + 1) * c->side > c->window->top;
}


/* a block at (x, y) of the MCU; if f only checks, it is used nowhere */
static void add_block (struct novita_jpeg_baseline *f, struct component *c,
                       int x, int y, const JSAMPROW *rows) {
  struct block *b = &f->block_of_mcu[f->blocks];
  struct novita_huff_block *codes = &f->codes[f->blocks++];
  int from, to;
  codes->dc = c->dc;
  codes->ac = c->ac;
  codes->dc_pred = &c->dc_pred;
  b->c = c;
  b->first = b->end = 0;
  if (f->only_checks || !row_is_used(f, c, y)) return;
  from = c->window->left / c->side;
  to = (c->window->right + c->side - 1) / c->side;
  if (to > (int)c->info.width_in_blocks) to = (int)c->info.width_in_blocks;
  b->first = mcu_at(c, from, x);
  b->end = mcu_at(c, to, x);
  b->step = (size_t)c->info.h_samp_factor * (size_t)c->side;
  b->out = rows[y * c->side] + (size_t)x * (size_t)c->side;
}


/* Lists the blocks of an MCU. The window may be set after open. */
static void list_blocks (struct novita_jpeg_baseline *f,
                         JSAMPROW rows[][NOVITA_JPEG_ROW_BLOCK]) {
  int i, x, y;
  f->blocks = 0;
  for (i = 0; i < f->components; i++) {
    struct component *c = &f->component[i];
    for (y = 0; y < c->info.v_samp_factor; y++)
      for (x = 0; x < c->info.h_samp_factor; x++)
        add_block(f, c, x, y, rows[c->info.component_index]);
  }
}


static int read_mcu (struct novita_jpeg_baseline *f, int m) {
  int i;
  if (f->read_blocks(&f->reader, f->codes, f->blocks) != 0) return -1;
  for (i = 0; i < f->blocks; i++) {
    const struct block *b = &f->block_of_mcu[i];
    const struct novita_huff_block *codes = &f->codes[i];
    const struct component *c = b->c;
    uint8_t *out;
    if (m < b->first || m >= b->end) continue;
    out = b->out + (size_t)m * b->step;
    if (codes->flat && c->side == DCTSIZE)
      novita_idct_flat(out, c->stride, codes->coef[0], c->quant[0]);
    else c->idct(out, c->stride, codes->coef, c->quant);
  }
  return 0;
}


static int step_over_restart (struct novita_jpeg_baseline *f) {
  int i;
  if (f->interval == 0) return 0;
  if (f->until_restart-- > 0) return 0;
  if (novita_bits_restart(&f->reader, f->restart) != 0) return -1;
  f->restart = (f->restart + 1) & 7;
  f->until_restart = f->interval - 1;
  for (i = 0; i < f->components; i++) f->component[i].dc_pred = 0;
  return 0;
}


/* Makes the bytes of the next MCU, and some after it, available. */
static int refill (struct novita_jpeg_baseline *f) {
  struct novita_source_reader *file = f->file;
  if (f->reader.end - f->reader.p >= LARGEST_MCU ||
      !novita_source_has_more(file))
    return 0;
  if (novita_source_seek(file, file->at + (size_t)(f->reader.p - file->data),
                         NULL) != 0) return -1;
  set_input(f, 0);
  return 0;
}


static bool is_sound (struct novita_jpeg_baseline *f) {
  if (f->reader.past > f->reader.count) return false;
  if (f->row_block < f->down ||
      novita_bits_at_marker(&f->reader, JPEG_EOI)) return true;
  f->unended = true;
  return novita_bits_at_end(&f->reader, f->file->data,
                            !novita_source_has_more(f->file));
}


int novita_jpeg_baseline_row_block (struct novita_jpeg_baseline *f,
                                    JSAMPROW rows[][NOVITA_JPEG_ROW_BLOCK]) {
  int m;
  list_blocks(f, rows);
  for (m = 0; m < f->across; m++)
    if (refill(f) != 0 || step_over_restart(f) != 0 || read_mcu(f, m) != 0)
      return -1;
  f->row_block++;
  return is_sound(f) ? 0 : -1;
}


bool novita_jpeg_baseline_is_unended (const struct novita_jpeg_baseline *f) {
  return f->unended;
}


bool novita_jpeg_baseline_passes (struct novita_jpeg_baseline *f,
                                  size_t scan) {
  JSAMPROW none[NOVITA_PLANES][NOVITA_JPEG_ROW_BLOCK] = {{NULL}};
  if (novita_source_seek(f->file, scan, NULL) != 0) return false;
  set_input(f, 0);
  while (f->row_block < f->down)
    if (novita_jpeg_baseline_row_block(f, none) != 0) return false;
  return true;
}
