/*
** decode.c: reads WebP through libwebp. The library cannot decode row by row,
** so the whole image is decoded and held when the first row is read.
*/
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "../../base/endian.h"
#include "../codec/chunks.h"
#include "../codec/decoder.h"
#include "../codec/exif.h"
#include "../codec/pixels.h"

#define LOSSLESS 2  /* WebPBitstreamFeatures.format */

struct webp {
  WebPBitstreamFeatures features;
  struct novita_pixels whole;  /* empty before the first row */
};


static int status_error (struct novita_decoder *d, VP8StatusCode status,
                         struct novita_error *e) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
    case VP8_STATUS_INVALID_PARAM:  /* if it cannot allocate its decoder */
      return novita_error_set_memory(e);
    case VP8_STATUS_NOT_ENOUGH_DATA: case VP8_STATUS_SUSPENDED:
      return novita_decoder_fail_truncated(d, e);
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                              "is a WebP of a rare kind: export it again");
    default:
      return novita_error_set(e, NOVITA_ERROR_IMAGE, "corrupt",
                              "is a damaged WebP: export or copy it again");
  }
}


static int orientation (const struct novita_decoder *d) {
  size_t len;
  const uint8_t *exif = novita_chunks_find_webp(d->file->data, d->file->len,
                                                "EXIF", &len);
  return exif == NULL ? NOVITA_EXIF_UPRIGHT : novita_exif_orientation(exif,
                                                                      len);
}


/* The RIFF header contains the length of the file. */
static bool is_cut (const struct novita_decoder *d) {
  return d->file->len - 8 < novita_endian_little32(d->file->data + 4);
}


/* Our image, and libwebp's own copy of 4 bytes per pixel if it is lossless. */
static uint64_t memory_needed (const struct novita_decoder *d,
                               const struct webp *w) {
  uint64_t area = (uint64_t)d->info.width * (uint64_t)d->info.height;
  return area * (uint64_t)(d->info.channels +
                           (w->features.format == LOSSLESS ? 4 : 0));
}


static int open_webp (struct novita_decoder *d, struct novita_error *e) {
  VP8StatusCode status;
  struct webp *w = calloc(1, sizeof *w);
  if (w == NULL) return novita_error_set_memory(e);
  d->state = w;
  status = WebPGetFeatures(d->file->data, d->file->len, &w->features);
  if (status != VP8_STATUS_OK) return status_error(d, status, e);
  if (novita_decoder_set_size(d, (uint32_t)w->features.width,
                              (uint32_t)w->features.height, e) != 0) return -1;
  if (w->features.has_animation)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                            "is an animated WebP: export one of its images");
  d->info.bits = 8;
  d->info.alpha = w->features.has_alpha != 0;
  d->info.channels = d->info.alpha ? 4 : 3;
  d->info.orientation = orientation(d);
  d->needs = memory_needed(d, w);
  return 0;
}


static void set_output (WebPDecoderConfig *config,
                        const struct novita_pixels *p) {
  config->output.colorspace = p->channels == 4 ? MODE_RGBA : MODE_RGB;
  config->output.is_external_memory = 1;
  config->output.u.RGBA.rgba = p->data;
  config->output.u.RGBA.stride = (int)novita_pixels_stride(p);
  config->output.u.RGBA.size = novita_pixels_stride(p) * (size_t)p->height;
}


/* Decodes what is there and leaves the rest unchanged. */
static VP8StatusCode decode_part (struct novita_decoder *d,
                                  WebPDecoderConfig *config) {
  VP8StatusCode status;
  WebPIDecoder *partial = WebPIDecode(NULL, 0, config);
  if (partial == NULL) return VP8_STATUS_OUT_OF_MEMORY;
  status = WebPIUpdate(partial, d->file->data, d->file->len);
  WebPIDelete(partial);
  return status;
}


static int decode (struct novita_decoder *d, struct webp *w,
                   struct novita_error *e) {
  VP8StatusCode status;
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return novita_error_set_memory(e);
  set_output(&config, &w->whole);
  if (!d->lenient) {
    status = WebPDecode(d->file->data, d->file->len, &config);
    return status == VP8_STATUS_OK ? 0 : status_error(d, status, e);
  }
  status = decode_part(d, &config);
  if (status == VP8_STATUS_OUT_OF_MEMORY) return novita_error_set_memory(e);
  if (status != VP8_STATUS_OK) d->truncated = true;
  return 0;
}


static int start (struct novita_decoder *d, struct webp *w,
                  struct novita_error *e) {
  int y;
  const struct novita_image_info *info = &d->info;
  if (is_cut(d)) {
    novita_decoder_fail_truncated(d, e);
    if (!d->lenient) return -1;
  }
  if (novita_decoder_check_memory(d, d->needs, e) != 0) return -1;
  if (novita_pixels_open(&w->whole, info->width, info->height, info->channels,
                         d->limits.pixels, e) != 0) return -1;
  for (y = 0; d->lenient && y < info->height; y++)
    novita_decoder_fill_missing(d, novita_pixels_row(&w->whole, y));
  return decode(d, w, e);
}


static int row_webp (struct novita_decoder *d, uint8_t *row,
                     struct novita_error *e) {
  struct webp *w = d->state;
  if (w->whole.data == NULL && start(d, w, e) != 0) return -1;
  memcpy(row, novita_pixels_row(&w->whole, d->next),
         novita_pixels_stride(&w->whole));
  return 0;
}


static int finish_webp (struct novita_decoder *d, struct novita_error *e) {
  (void)d;
  (void)e;
  return 0;  /* the first row already needed the whole file */
}


static void close_webp (struct novita_decoder *d) {
  struct webp *w = d->state;
  novita_pixels_close(&w->whole);
  free(w);
}


const struct novita_decoder_type novita_webp_decode_type = {
  .whole = true, .open = open_webp, .row = row_webp, .finish = finish_webp,
  .close = close_webp
};
