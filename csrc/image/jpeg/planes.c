/*
** planes.c: reads the Y, Cb and Cr (or only Y) of a JPEG as they are stored,
** without interpolating or converting colour. A row block is what libjpeg calls
** an iMCU row: 8 rows times each plane's sampling factor.
*/
#include <stdlib.h>

#include "baseline.h"
#include "decode.h"


int novita_jpeg_planes_count (const struct novita_jpeg *j) {
  const struct jpeg_decompress_struct *cinfo = &j->cinfo;
  int n = cinfo->num_components;
  if (cinfo->jpeg_color_space == JCS_YCbCr && n == NOVITA_PLANES) return n;
  return cinfo->jpeg_color_space == JCS_GRAYSCALE && n == 1 ? 1 : 0;
}


static void start (struct novita_jpeg *j) {
  j->started = true;
  j->cinfo.out_color_space = j->cinfo.jpeg_color_space;
  j->cinfo.raw_data_out = TRUE;
  j->cinfo.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&j->cinfo);
}


static int start_libjpeg (struct novita_jpeg *j, struct novita_error *e) {
  if (novita_jpeg_source_rewind(j, e) != 0) return -1;
  j->check = novita_jpeg_baseline_open_check(j);
  return novita_jpeg_guard_call(j, start, e);
}


/* libjpeg writes whole blocks */
static size_t stride_of (const jpeg_component_info *ci) {
  return (size_t)ci->width_in_blocks * (size_t)NOVITA_JPEG_SIDE_X(ci);
}


static size_t rows_of (const jpeg_component_info *ci) {
  return (size_t)ci->v_samp_factor * (size_t)NOVITA_JPEG_SIDE_Y(ci);
}


static int reserve (struct novita_jpeg *j, struct novita_error *e) {
  const jpeg_component_info *ci = j->cinfo.comp_info;
  int i, count = j->cinfo.num_components;
  size_t k, n = 0;
  uint8_t *at;
  for (i = 0; i < count; i++) n += stride_of(&ci[i]) * rows_of(&ci[i]);
  j->samples = at = malloc(n);
  if (at == NULL) return novita_error_set_memory(e);
  for (i = 0; i < count; i++)
    for (k = 0; k < rows_of(&ci[i]); k++, at += stride_of(&ci[i]))
      j->rows[i][k] = at;
  return 0;
}


static void describe (const struct jpeg_decompress_struct *cinfo,
                      struct novita_plane_layout *layout) {
  int i;
  layout->count = cinfo->num_components;
  for (i = 0; i < layout->count; i++) {
    const jpeg_component_info *ci = &cinfo->comp_info[i];
    double across = (double)cinfo->max_h_samp_factor * DCTSIZE;
    double down = (double)cinfo->max_v_samp_factor * DCTSIZE;
    layout->plane[i].width = (int)ci->downsampled_width;
    layout->plane[i].height = (int)ci->downsampled_height;
    layout->plane[i].samples_x = ci->h_samp_factor * NOVITA_JPEG_SIDE_X(ci) /
                                 across;
    layout->plane[i].samples_y = ci->v_samp_factor * NOVITA_JPEG_SIDE_Y(ci) /
                                 down;
  }
}


int novita_jpeg_planes_start (struct novita_decoder *d,
                              struct novita_plane_layout *layout,
                              struct novita_error *e) {
  struct novita_jpeg *j = d->state;
  j->fast = d->lenient ? NULL : novita_jpeg_baseline_open(j);
  if (j->fast == NULL && start_libjpeg(j, e) != 0) return -1;
  if (reserve(j, e) != 0) return -1;
  describe(&j->cinfo, layout);
  return 0;
}


static JDIMENSION row_block_height (
  const struct jpeg_decompress_struct *cinfo) {
  return (JDIMENSION)(cinfo->max_v_samp_factor * NOVITA_JPEG_LEAST_SIDE(cinfo));
}


static void read_row_block (struct novita_jpeg *j) {
  JSAMPARRAY planes[NOVITA_PLANES] = {j->rows[0], j->rows[1], j->rows[2]};
  jpeg_read_raw_data(&j->cinfo, planes, row_block_height(&j->cinfo));
}


/* libjpeg decodes it again, up to the row block at which the fast decoder
** stopped */
static int fall_back (struct novita_jpeg *j, int row_blocks,
                      struct novita_error *e) {
  novita_jpeg_baseline_close(j->fast);
  j->fast = NULL;
  j->d->next = 0;
  if (start_libjpeg(j, e) != 0) return -1;
  for (; row_blocks > 0; row_blocks--) {
    if (novita_jpeg_guard_call(j, read_row_block, e) != 0) return -1;
    j->d->next += (int)row_block_height(&j->cinfo);
  }
  return 0;
}


static int fill_rows (struct novita_jpeg *j, int number,
                      struct novita_error *e) {
  if (j->fast != NULL) {
    if (novita_jpeg_baseline_row_block(j->fast, j->rows) == 0) return 0;
    if (fall_back(j, number, e) != 0) return -1;
  }
  return novita_jpeg_guard_call(j, read_row_block, e);
}


int novita_jpeg_planes_row_block (struct novita_decoder *d,
                                  struct novita_plane_row_block *row_block,
                                  struct novita_error *e) {
  struct novita_jpeg *j = d->state;
  int i, number = d->next / (int)row_block_height(&j->cinfo);
  if (fill_rows(j, number, e) != 0) return -1;
  for (i = 0; i < j->cinfo.num_components; i++) {
    const jpeg_component_info *ci = &j->cinfo.comp_info[i];
    int rows = (int)rows_of(ci), first = number * rows;
    int left = (int)ci->downsampled_height - first;
    row_block->plane[i].data = j->rows[i][0];
    row_block->plane[i].stride = stride_of(ci);
    row_block->plane[i].first = first;
    row_block->plane[i].rows = left < 0 ? 0 : left < rows ? left : rows;
  }
  d->next += (int)row_block_height(&j->cinfo);
  if (d->next > d->height) d->next = d->height;
  return 0;
}
