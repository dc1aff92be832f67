/*
** decode.c: reads HEIC and AVIF through libheif: the primary image of a file.
** libheif joins its tiles and crops, mirrors and rotates it as the file says;
** EXIF's orientation must then be ignored. It cannot decode row by row: the
** whole image is decoded and held when the first row is read.
**
** libheif is asked for planes, not for interleaved RGB: that saves a copy, and
** the size of each plane is checked here, also that of alpha.
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/decoder.h"
#include "container.h"
#include "failure.h"
#include "images.h"
#include "library.h"
#include "rows.h"

#define MOST_SIDE 65535  /* of the codecs */

/* ITU-T H.273: the curves of HDR, which have no equivalent in sRGB */
#define H273_PQ 16
#define H273_HLG 18
#define UNKNOWN (-1)  /* no code point */

struct heif {
  const struct novita_heif_library *lib;
  uint8_t *copy;                     /* of the file, if it had to change */
  struct heif_context *context;
  struct heif_image_handle *handle;  /* of the primary image */
  struct heif_image *image;          /* NULL before the first row */
  uint64_t largest;                  /* pixels of what is decoded at a time */
  struct novita_heif_rows rows;
};


static int hide_references (struct novita_decoder *d, struct heif *h,
                            const struct novita_heif_container *c,
                            struct novita_error *e) {
  h->copy = malloc(d->file->len);
  if (h->copy == NULL) return novita_error_set_memory(e);
  memcpy(h->copy, d->file->data, d->file->len);
  novita_heif_container_hide(c, h->copy);
  return 0;
}


static int check_file (struct novita_decoder *d, struct heif *h,
                       struct novita_error *e) {
  struct novita_heif_container c;
  enum novita_heif_state state =
    novita_heif_container_read(&c, d->file->data, d->file->len);
  int r = 0;
  if (state == NOVITA_HEIF_OK) state = novita_heif_images_check(&c,
                                                                &h->largest);
  if (state != NOVITA_HEIF_OK) r = novita_heif_failure_state(d, state, e);
  else if (c.has_unwanted) r = hide_references(d, h, &c, e);
  novita_heif_container_free(&c);
  return r;
}


static int read_file (struct novita_decoder *d, struct heif *h,
                      struct novita_error *e) {
  const struct novita_heif_library *lib = h->lib;
  struct heif_error error;
  h->context = lib->heif_context_alloc();
  if (h->context == NULL) return novita_error_set_memory(e);
  lib->heif_context_set_maximum_image_size_limit(h->context, MOST_SIDE);
  if (lib->heif_context_set_max_decoding_threads != NULL)
    lib->heif_context_set_max_decoding_threads(h->context, 0);
  error = lib->heif_context_read_from_memory_without_copy(
    h->context, h->copy != NULL ? h->copy : d->file->data, d->file->len, NULL);
  if (error.code == heif_error_Ok)
    error = lib->heif_context_get_primary_image_handle(h->context, &h->handle);
  return error.code == heif_error_Ok ? 0 : novita_heif_failure_set(d, error, e);
}


static void read_nclx (const struct heif *h, struct novita_decoder_profile *p) {
  struct heif_color_profile_nclx *nclx = NULL;
  struct heif_error error =
    h->lib->heif_image_handle_get_nclx_color_profile(h->handle, &nclx);
  if (error.code == heif_error_Color_profile_does_not_exist) return;
  p->primaries = UNKNOWN;
  if (nclx == NULL) return;
  if (error.code == heif_error_Ok) {
    p->primaries = (int)nclx->color_primaries;
    p->transfer = (int)nclx->transfer_characteristics;
  }
  h->lib->heif_nclx_color_profile_free(nclx);  /* also after an error */
}


static size_t icc_size (const struct heif *h) {
  return h->lib->heif_image_handle_get_raw_color_profile_size(h->handle);
}


static int check_hdr (const struct novita_decoder *d, const struct heif *h,
                      struct novita_error *e) {
  struct novita_decoder_profile p = {NULL, 0, 0, 0};
  read_nclx(h, &p);
  if ((p.transfer != H273_PQ && p.transfer != H273_HLG) || icc_size(h) > 0)
    return 0;
  return novita_heif_failure_unsupported(d, "with the colours of HDR", e);
}


/* The size as coded counts too: cropping happens after decoding. */
static int read_size (struct novita_decoder *d, const struct heif *h,
                      struct novita_error *e) {
  const struct novita_heif_library *lib = h->lib;
  int width = lib->heif_image_handle_get_ispe_width(h->handle);
  int height = lib->heif_image_handle_get_ispe_height(h->handle);
  if (novita_decoder_set_size(d, (uint32_t)width, (uint32_t)height, e) != 0)
    return -1;
  return novita_decoder_set_size(
    d, (uint32_t)lib->heif_image_handle_get_width(h->handle),
    (uint32_t)lib->heif_image_handle_get_height(h->handle), e);
}


static void describe (struct novita_decoder *d, struct heif *h) {
  const struct novita_heif_library *lib = h->lib;
  int bits = lib->heif_image_handle_get_luma_bits_per_pixel(h->handle);
  d->info.bits = bits > 8 ? bits : 8;
  d->info.alpha = lib->heif_image_handle_has_alpha_channel(h->handle) != 0;
  d->info.channels = d->info.alpha ? 4 : 3;
  h->rows.premultiplied = d->info.alpha &&
    lib->heif_image_handle_is_premultiplied_alpha(h->handle) != 0;
}


/* the image's planes twice, because turning copies them, and the codec's */
static uint64_t memory_needed (const struct novita_decoder *d,
                               const struct heif *h) {
  uint64_t area = (uint64_t)d->info.width * (uint64_t)d->info.height;
  uint64_t samples = area * (uint64_t)d->info.channels * 2 + h->largest * 3;
  return samples * (d->info.bits > 8 ? 2 : 1);
}


static const char *missing_heif (enum novita_format format) {
  const struct novita_heif_library *lib = novita_heif_library();
  if (lib == NULL) return "libheif";
  if (format == NOVITA_FORMAT_AVIF)
    return lib->av1 ? NULL : "libheif's plugin for dav1d or libaom";
  return lib->hevc ? NULL : "libheif's plugin for libde265";
}


static int open_heif (struct novita_decoder *d, struct novita_error *e) {
  struct heif *h = calloc(1, sizeof *h);
  if (h == NULL) return novita_error_set_memory(e);
  d->state = h;
  h->lib = novita_heif_library();
  if (check_file(d, h, e) != 0 || read_file(d, h, e) != 0 ||
      read_size(d, h, e) != 0 || check_hdr(d, h, e) != 0) return -1;
  describe(d, h);
  d->needs = memory_needed(d, h);
  return 0;
}


/* Strict means that no tile may be missing. Before libheif 1.16 (version 5) it
** only means that unknown code points leak the image. */
static struct heif_error decode (struct novita_decoder *d, struct heif *h,
                                 struct heif_decoding_options *options) {
  if (options->version >= 5) options->strict_decoding = !d->lenient;
  return h->lib->heif_decode_image(h->handle, &h->image, heif_colorspace_RGB,
                                   heif_chroma_444, options);
}


/* Is the plane there, and as large as the header says? */
static bool set_plane (const struct novita_decoder *d, struct heif *h, int k) {
  static const enum heif_channel channels[] = {
    heif_channel_R, heif_channel_G, heif_channel_B, heif_channel_Alpha
  };
  const struct novita_heif_library *lib = h->lib;
  enum heif_channel channel = channels[k];
  int stride = 0;
  int bits = lib->heif_image_get_bits_per_pixel_range(h->image, channel);
  h->rows.plane[k].data = lib->heif_image_get_plane_readonly(h->image, channel,
                                                             &stride);
  h->rows.plane[k].stride = (size_t)stride;
  h->rows.plane[k].bits = bits;
  return h->rows.plane[k].data != NULL && bits >= 8 && bits <= 16 &&
         lib->heif_image_get_width(h->image, channel) == d->info.width &&
         lib->heif_image_get_height(h->image, channel) == d->info.height;
}


static int set_rows (struct novita_decoder *d, struct heif *h,
                     struct novita_error *e) {
  int k;
  h->rows.width = d->info.width;
  h->rows.channels = d->info.channels;
  for (k = 0; k < d->info.channels; k++)
    if (!set_plane(d, h, k))
      return novita_heif_failure_state(d, NOVITA_HEIF_BROKEN, e);
  return 0;
}


static int start (struct novita_decoder *d, struct heif *h,
                  struct novita_error *e) {
  struct heif_decoding_options *options;
  struct heif_error error;
  if (novita_decoder_check_memory(d, d->needs, e) != 0) return -1;
  options = h->lib->heif_decoding_options_alloc();
  if (options == NULL) return novita_error_set_memory(e);
  error = decode(d, h, options);
  h->lib->heif_decoding_options_free(options);
  if (error.code != heif_error_Ok) return novita_heif_failure_set(d, error, e);
  if (set_rows(d, h, e) != 0) return -1;
  return novita_decoder_check_time(d, e);
}


static int row_heif (struct novita_decoder *d, uint8_t *row,
                     struct novita_error *e) {
  struct heif *h = d->state;
  if (h->image == NULL && start(d, h, e) != 0) return -1;
  if (d->info.wide)
    novita_heif_rows_get_wide(&h->rows, d->next, (uint16_t *)(void *)row);
  else novita_heif_rows_get(&h->rows, d->next, row);
  return 0;
}


static int finish_heif (struct novita_decoder *d, struct novita_error *e) {
  (void)d;
  (void)e;
  return 0;  /* the first row already needed all of the image's bytes */
}


static void close_heif (struct novita_decoder *d) {
  struct heif *h = d->state;
  if (h->image != NULL) h->lib->heif_image_release(h->image);
  if (h->handle != NULL) h->lib->heif_image_handle_release(h->handle);
  if (h->context != NULL) h->lib->heif_context_free(h->context);
  free(h->copy);
  free(h);
}


static int read_icc (const struct heif *h, size_t len,
                     struct novita_decoder_profile *p, struct novita_error *e) {
  p->icc = malloc(len);
  if (p->icc == NULL) return novita_error_set_memory(e);
  if (h->lib->heif_image_handle_get_raw_color_profile(h->handle, p->icc).code
      == heif_error_Ok) p->len = len;
  return 0;
}


static int profile_heif (struct novita_decoder *d,
                         struct novita_decoder_profile *p,
                         struct novita_error *e) {
  const struct heif *h = d->state;
  size_t len = icc_size(h);
  if (len > 0) return read_icc(h, len, p, e);
  read_nclx(h, p);
  return 0;
}


const struct novita_decoder_type novita_heif_decode_type = {
  .whole = true, .open = open_heif, .row = row_heif, .finish = finish_heif,
  .close = close_heif, .missing = missing_heif, .profile = profile_heif
};
