/*
** decode.c: reads JPEG through libjpeg-turbo: sequential and progressive; gray,
** Y'CbCr, RGB, CMYK and YCCK. It holds a block of rows; a progressive file
** needs all its coefficients in memory.
**
** libjpeg reports errors with longjmp, so novita_jpeg_guard_call makes every
** call to it. Nothing that the jump skips owns memory: everything is in 'struct
** novita_jpeg'.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/exif.h"
#include "baseline.h"
#include "decode.h"

#define APP1 (JPEG_APP0 + 1)


/* libjpeg's limit for the coefficients of a progressive file */
static long memory_limit (const struct novita_limits *limits) {
  return limits->memory < LONG_MAX ? (long)limits->memory : LONG_MAX;
}


static void create (struct novita_jpeg *j) {
  jpeg_create_decompress(&j->cinfo);
  j->cinfo.mem->max_memory_to_use = memory_limit(&j->d->limits);
  novita_jpeg_source_attach(j);
  j->cinfo.progress = &j->progress;
}


static void read_header (struct novita_jpeg *j) {
  jpeg_save_markers(&j->cinfo, APP1, 0xffff);
  jpeg_read_header(&j->cinfo, TRUE);
  j->several_scans = jpeg_has_multiple_scans(&j->cinfo);
}


static int orientation (const struct novita_jpeg *j) {
  const struct jpeg_marker_struct *m;
  for (m = j->cinfo.marker_list; m != NULL; m = m->next)
    if (m->marker == APP1 && m->data_length > 6 &&
        memcmp(m->data, "Exif\0\0", 6) == 0)
      return novita_exif_orientation(m->data, m->data_length);
  return NOVITA_EXIF_UPRIGHT;
}


static bool is_cmyk (const struct novita_jpeg *j) {
  return j->cinfo.jpeg_color_space == JCS_CMYK ||
         j->cinfo.jpeg_color_space == JCS_YCCK;
}


static int choose_output (struct novita_jpeg *j, struct novita_error *e) {
  struct novita_decoder *d = j->d;
  d->info.bits = 8;
  d->info.channels = 3;
  d->info.cmyk = is_cmyk(j);
  d->info.planes = novita_jpeg_planes_count(j);
  if (j->cinfo.jpeg_color_space == JCS_UNKNOWN)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                            "is a JPEG with %d channels of unknown meaning: "
                            "export it as RGB", j->cinfo.num_components);
  if (j->cinfo.jpeg_color_space == JCS_GRAYSCALE) {
    j->cinfo.out_color_space = JCS_GRAYSCALE;
    d->info.channels = 1;
  } else
    j->cinfo.out_color_space = is_cmyk(j) ? JCS_CMYK : JCS_RGB;
  return 0;
}


static int open_jpeg (struct novita_decoder *d, struct novita_error *e) {
  struct novita_jpeg *j = calloc(1, sizeof *j);
  if (j == NULL) return novita_error_set_memory(e);
  d->state = j;
  novita_jpeg_guard_attach(j, d);
  if (novita_jpeg_guard_call(j, create, e) != 0 ||
      novita_jpeg_guard_call(j, read_header, e) != 0) return -1;
  if (novita_decoder_set_size(d, j->cinfo.image_width, j->cinfo.image_height,
                              e) != 0) return -1;
  if (j->several_scans) d->needs = novita_jpeg_guard_coefficients(j);
  j->scan = (size_t)(j->source.next_input_byte - d->file->data);
  d->info.orientation = orientation(j);
  return choose_output(j, e);
}


static void start (struct novita_jpeg *j) {
  j->started = true;
  j->cinfo.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&j->cinfo);
}


static void read_row (struct novita_jpeg *j) {
  JSAMPROW row = j->cmyk != NULL ? j->cmyk : j->row;
  jpeg_read_scanlines(&j->cinfo, &row, 1);
}


static int start_once (struct novita_jpeg *j, struct novita_error *e) {
  if (j->started) return 0;
  if (is_cmyk(j)) {
    j->cmyk = malloc((size_t)j->d->width * 4);
    if (j->cmyk == NULL) return novita_error_set_memory(e);
  }
  j->check = novita_jpeg_baseline_open_check(j);
  return novita_jpeg_source_rewind(j, e) == 0 ? novita_jpeg_guard_call(j, start,
                                                                       e) : -1;
}


/* CMYK in a JPEG is inverted (255 = no ink), as Adobe's encoders write it.
** Browsers and other readers expect that even without Adobe's marker. */
static void cmyk_to_rgb (uint8_t *rgb, const uint8_t *cmyk, int n) {
  int i;
  for (; n > 0; n--, rgb += 3, cmyk += 4)
    for (i = 0; i < 3; i++)
      rgb[i] = (uint8_t)((cmyk[i] * cmyk[3] + 127) / 255);
}


static void copy_cmyk (uint8_t *out, const uint8_t *cmyk, int n) {
  int i;
  for (i = 0; i < n * 4; i++) out[i] = (uint8_t)(255 - cmyk[i]);
}


static int row_jpeg (struct novita_decoder *d, uint8_t *row,
                     struct novita_error *e) {
  struct novita_jpeg *j = d->state;
  if (start_once(j, e) != 0) return -1;
  j->row = row;
  if (novita_jpeg_guard_call(j, read_row, e) != 0) return -1;
  if (j->cmyk != NULL)
    (d->info.channels == 4 ? copy_cmyk : cmyk_to_rgb)(row, j->cmyk, d->width);
  return 0;
}


/* The size is known before decoding. */
static void set_scale (struct novita_jpeg *j) {
  jpeg_calc_output_dimensions(&j->cinfo);
}


static int shrink_jpeg (struct novita_decoder *d, int divisor,
                        struct novita_error *e) {
  struct novita_jpeg *j = d->state;
  j->cinfo.scale_num = 1;
  j->cinfo.scale_denom = (unsigned)divisor;
  if (novita_jpeg_guard_call(j, set_scale, e) != 0) return -1;
  d->divisor = divisor;
  d->width = (int)j->cinfo.output_width;
  d->height = (int)j->cinfo.output_height;
  return 0;
}


static void read_to_end (struct novita_jpeg *j) {
  jpeg_finish_decompress(&j->cinfo);
}


static bool is_complete (struct novita_jpeg *j) {
  if (j->several_scans) return j->ended;
  return j->check != NULL && novita_jpeg_baseline_passes(j->check, j->scan);
}


/* All rows have been decoded. The rest of the file is not part of the image: it
** may be missing, or be a trailer of the camera. Without an end marker, the
** codes must show that they are complete. */
static int finish_jpeg (struct novita_decoder *d, struct novita_error *e) {
  struct novita_jpeg *j = d->state;
  struct novita_error why;
  int r;
  if (j->fast != NULL) {  /* already checked */
    d->unended = novita_jpeg_baseline_is_unended(j->fast);
    return 0;
  }
  r = novita_jpeg_guard_call(j, read_to_end, &why);
  if (r == 0 && !j->ended) return 0;
  d->unended = true;
  if (is_complete(j)) return 0;
  if (r == 0) novita_decoder_fail_truncated(d, &why);
  if (e != NULL) *e = why;
  return r == 0 && d->lenient ? 0 : -1;
}


static void close_jpeg (struct novita_decoder *d) {
  struct novita_jpeg *j = d->state;
  jpeg_destroy_decompress(&j->cinfo);
  free(j->cmyk);
  free(j->samples);
  novita_jpeg_baseline_close(j->fast);
  novita_jpeg_baseline_close(j->check);
  free(j);
}


const struct novita_decoder_type novita_jpeg_decode_type = {
  .open = open_jpeg, .row = row_jpeg, .finish = finish_jpeg,
  .close = close_jpeg, .shrink = shrink_jpeg,
  .planes = novita_jpeg_planes_start,
  .row_block = novita_jpeg_planes_row_block
};
