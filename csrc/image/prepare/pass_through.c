/*
** pass_through.c: the pixels of a file that already is what is wanted go out as
** they are coded: encoding them again could only lose. What tells about people
** and places is left out (metadata_strip.h). The file is still decoded to its end,
** because one that is cut off must not be sent.
*/
#include <stdlib.h>

#include "../codec/exif.h"
#include "pipeline.h"
#include "../codec/metadata_strip.h"


/* A JPEG of RGB or ink is not what most readers expect. */
static int is_plain (const struct novita_image_info *info) {
  if (info->format == NOVITA_JPEG && info->planes == 0) return 0;
  return info->orientation == NOVITA_UPRIGHT && !info->alpha &&
         info->bits <= 8;
}


static int takes_all (const struct novita_plan *plan,
                      const struct novita_image_info *info) {
  const struct novita_box *b = &plan->box;
  return b->x <= 0 && b->y <= 0 && b->width >= info->width &&
         b->height >= info->height;
}


int novita_run_passes (const struct novita_run *run) {
  const struct novita_prepare *wish = run->wish;
  const struct novita_image_info *info = &run->decoder.info;
  return wish->pass_through && !wish->lenient && info->format == wish->format &&
         run->plan.width == info->width && run->plan.height == info->height &&
         is_plain(info) && !novita_colour_converts(&run->colour) &&
         takes_all(&run->plan, info) &&
         novita_run_fills(run);
}


static int read_rows (struct novita_run *run, uint8_t *row,
                      struct novita_error *e) {
  struct novita_decoder *d = &run->decoder;
  if (novita_measure_open(&run->measure, d->width, d->height, run->cache,
                          e) != 0)
    return -1;
  while (d->next < d->height) {
    if (novita_decoder_row(d, row, e) != 0) return -1;
    novita_measure_row(&run->measure, row, d->info.channels);
  }
  return novita_decoder_finish(d, e);
}


static int read_bands (struct novita_run *run, struct novita_error *e) {
  struct novita_decoder *d = &run->decoder;
  struct novita_layout layout;
  struct novita_plane_band band;
  int k;
  if (novita_decoder_planes(d, &layout, e) != 0 ||
      novita_measure_open(&run->measure, layout.plane[0].width,
                          layout.plane[0].height, run->cache, e) != 0)
    return -1;
  while (d->next < d->height) {
    if (novita_decoder_band(d, &band, e) != 0) return -1;
    for (k = 0; k < band.plane[0].rows; k++)
      novita_measure_row(&run->measure, band.plane[0].data +
                                          (size_t)k * band.plane[0].stride, 1);
  }
  return novita_decoder_finish(d, e);
}


static int check (struct novita_run *run, struct novita_error *e) {
  const struct novita_decoder *d = &run->decoder;
  uint8_t *row;
  int r;
  if (d->info.planes != 0) return read_bands(run, e);
  row = malloc((size_t)d->width * (size_t)d->info.channels);
  if (row == NULL) return novita_fail_memory(e);
  r = read_rows(run, row, e);
  free(row);
  return r;
}


/* All of the file, so that what is checked is what is sent. The decoder starts
** again, because the window has moved. */
static int keep_file (struct novita_run *run, struct novita_error *e) {
  if (!novita_bytes_go_on(&run->bytes)) return 0;
  novita_decoder_close(&run->decoder);
  if (novita_bytes_all(&run->bytes, e) != 0) return -1;
  return novita_decoder_open(&run->decoder, &run->bytes, &run->wish->limits, 0,
                             e);
}


static int too_large (const struct novita_run *run, struct novita_error *e) {
  return novita_fail(e, NOVITA_IMAGE, "too_large",
                     "has %zu bytes, more than the limit of %zu: ask for "
                     "a smaller size", run->bytes.size, run->out->limit);
}


static int copy (struct novita_run *run, struct novita_error *e) {
  const struct novita_bytes *b = &run->bytes;
  int sound = 1;
  enum novita_append r = run->wish->keep_metadata
    ? novita_buffer_append(run->out, b->data, b->len)
    : novita_strip(run->out, run->wish->format, b->data, b->len, &sound);
  if (r == NOVITA_NO_MEMORY) return novita_fail_memory(e);
  if (r == NOVITA_FULL) return too_large(run, e);
  if (sound) return 0;
  return novita_fail(e, NOVITA_IMAGE, "corrupt",
                     "is damaged between its parts: export or copy it again");
}


int novita_run_pass_through (struct novita_run *run, struct novita_error *e) {
  if (keep_file(run, e) != 0 || check(run, e) != 0 ||
      novita_bytes_all(&run->bytes, e) != 0) return -1;
  run->passed_through = 1;
  return copy(run, e);
}
