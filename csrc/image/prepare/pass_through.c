/*
** pass_through.c: if a file already fits the options, its coded pixels are
** copied, because encoding them again would only lose quality. Personal
** metadata is removed (metadata_strip.h). The file is still decoded to its end,
** because a truncated one must not be sent.
*/
#include <stdlib.h>

#include "../codec/exif.h"
#include "../codec/metadata_strip.h"
#include "../formats/formats.h"
#include "pipeline.h"


/* Most readers do not expect a JPEG of RGB or CMYK. */
static bool is_plain (const struct novita_image_info *info) {
  if (info->format == NOVITA_FORMAT_JPEG && info->planes == 0) return false;
  return info->orientation == NOVITA_EXIF_UPRIGHT && !info->alpha &&
         info->bits <= 8;
}


static bool takes_all (const struct novita_geometry *plan,
                       const struct novita_image_info *info) {
  const struct novita_box *b = &plan->box;
  return b->x <= 0 && b->y <= 0 && b->width >= info->width &&
         b->height >= info->height;
}


bool novita_pass_through_applies (const struct novita_pipeline *pipeline) {
  const struct novita_prepare_options *options = pipeline->options;
  const struct novita_image_info *info = &pipeline->decoder.info;
  return options->pass_through && !options->lenient &&
         info->format == options->format &&
         pipeline->plan.width == info->width &&
         pipeline->plan.height == info->height &&
         is_plain(info) && !novita_colour_converts(&pipeline->colour) &&
         takes_all(&pipeline->plan, info) &&
         novita_geometry_fills(&pipeline->plan);
}


static int read_rows (struct novita_pipeline *pipeline, uint8_t *row,
                      struct novita_error *e) {
  struct novita_decoder *d = &pipeline->decoder;
  if (novita_measure_open(&pipeline->measure, d->width, d->height,
                          pipeline->cache, e) != 0)
    return -1;
  while (d->next < d->height) {
    if (novita_decoder_row(d, row, e) != 0) return -1;
    novita_measure_row(&pipeline->measure, row, d->info.channels);
  }
  return novita_decoder_finish(d, e);
}


static int read_row_blocks (struct novita_pipeline *pipeline,
                            struct novita_error *e) {
  struct novita_decoder *d = &pipeline->decoder;
  struct novita_plane_layout layout;
  struct novita_plane_row_block row_block;
  int k;
  if (novita_decoder_planes(d, &layout, e) != 0 ||
      novita_measure_open(&pipeline->measure, layout.plane[0].width,
                          layout.plane[0].height, pipeline->cache, e) != 0)
    return -1;
  while (d->next < d->height) {
    if (novita_decoder_row_block(d, &row_block, e) != 0) return -1;
    for (k = 0; k < row_block.plane[0].rows; k++)
      novita_measure_row(&pipeline->measure, row_block.plane[0].data +
                         (size_t)k * row_block.plane[0].stride, 1);
  }
  return novita_decoder_finish(d, e);
}


static int check (struct novita_pipeline *pipeline, struct novita_error *e) {
  struct novita_decoder *d = &pipeline->decoder;
  uint8_t *row;
  int r;
  if (d->info.planes != 0) return read_row_blocks(pipeline, e);
  if (novita_decoder_reserve(d, 0, e) != 0) return -1;
  row = malloc((size_t)d->width * (size_t)d->info.channels);
  if (row == NULL) return novita_error_set_memory(e);
  r = read_rows(pipeline, row, e);
  free(row);
  return r;
}


/* Loads the whole file, so that the bytes sent are the bytes checked. The
** decoder starts again, because the window moved. */
static int keep_file (struct novita_pipeline *pipeline,
                      struct novita_error *e) {
  if (!novita_source_has_more(&pipeline->bytes)) return 0;
  novita_decoder_close(&pipeline->decoder);
  if (novita_source_read_all(&pipeline->bytes, e) != 0) return -1;
  return novita_formats_open_decoder(&pipeline->decoder, &pipeline->bytes,
                                     &pipeline->options->limits, 0, e);
}


static int too_large (const struct novita_pipeline *pipeline,
                      struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "has %zu bytes, more than the limit of %zu: ask for "
                          "a smaller size", pipeline->bytes.size,
                          pipeline->out->limit);
}


static int copy (struct novita_pipeline *pipeline, struct novita_error *e) {
  const struct novita_source_reader *b = &pipeline->bytes;
  bool valid = true;
  enum novita_buffer_result r = pipeline->options->keep_metadata
    ? novita_buffer_append(pipeline->out, b->data, b->len)
    : novita_metadata_strip(pipeline->out, pipeline->options->format, b->data,
                            b->len, &valid);
  if (r == NOVITA_BUFFER_NO_MEMORY) return novita_error_set_memory(e);
  if (r == NOVITA_BUFFER_FULL) return too_large(pipeline, e);
  if (valid) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "corrupt",
                          "is damaged between its parts: export or copy it "
                          "again");
}


int novita_pass_through_run (struct novita_pipeline *pipeline,
                             struct novita_error *e) {
  if (keep_file(pipeline, e) != 0 || check(pipeline, e) != 0) return -1;
  if (pipeline->decoder.unended) return 0;
  if (novita_source_read_all(&pipeline->bytes, e) != 0) return -1;
  pipeline->passed_through = true;
  return copy(pipeline, e);
}
