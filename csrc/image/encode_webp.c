/*
** encode_webp.c: WebP out, through libwebp, lossy or lossless. The library
** takes whole pictures, so the rows are gathered first.
*/
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

#include "encoder.h"
#include "pixels.h"

struct webp {
  struct novita_pixels whole;
  enum novita_append appended;  /* how the last write went */
};


static int open_webp (struct novita_encoder *c, struct novita_error *e) {
  struct webp *w = calloc(1, sizeof *w);
  if (w == NULL) return novita_fail_memory(e);
  c->state = w;
  return novita_pixels_open(&w->whole, c->width, c->height, c->channels,
                            UINT64_MAX, e);
}


static int row_webp (struct novita_encoder *c, const uint8_t *row,
                     struct novita_error *e) {
  struct webp *w = c->state;
  (void)e;
  memcpy(novita_pixels_row(&w->whole, c->next), row,
         novita_pixels_stride(&w->whole));
  return 0;
}


static int on_write (const uint8_t *bytes, size_t n,
                     const WebPPicture *picture) {
  struct novita_encoder *c = picture->custom_ptr;
  struct webp *w = c->state;
  w->appended = novita_buffer_append(c->out, bytes, n);
  return w->appended == NOVITA_APPENDED;
}


static int configure (const struct novita_encoding *how, WebPConfig *config) {
  if (!WebPConfigInit(config)) return 0;
  config->quality = (float)how->quality;
  config->method = how->effort;
  config->lossless = how->lossless;
  config->exact = how->lossless;  /* keep colours that alpha hides */
  return WebPValidateConfig(config);
}


static int import (const struct novita_pixels *p, WebPPicture *picture) {
  int stride = (int)novita_pixels_stride(p);
  return p->channels == 4 ? WebPPictureImportRGBA(picture, p->data, stride)
                          : WebPPictureImportRGB(picture, p->data, stride);
}


static int failed (const struct novita_encoder *c, const struct webp *w,
                   int code, struct novita_error *e) {
  if (w->appended != NOVITA_APPENDED)
    return novita_encoder_refused(c, w->appended, e);
  if (code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
      code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
    return novita_fail_memory(e);
  return novita_fail(e, NOVITA_IMAGE, "encode",
                     "cannot be written as WebP (error %d)", code);
}


static int finish_webp (struct novita_encoder *c, struct novita_error *e) {
  struct webp *w = c->state;
  WebPConfig config;
  WebPPicture picture;
  int ok;
  if (!WebPPictureInit(&picture) || !configure(&c->how, &config))
    return novita_fail(e, NOVITA_IMAGE, "encode",
                       "cannot be written as WebP: bad options");
  picture.use_argb = c->how.lossless;
  picture.width = c->width;
  picture.height = c->height;
  picture.writer = on_write;
  picture.custom_ptr = c;
  ok = import(&w->whole, &picture) && WebPEncode(&config, &picture);
  if (!ok) failed(c, w, (int)picture.error_code, e);
  WebPPictureFree(&picture);
  return ok ? 0 : -1;
}


static void close_webp (struct novita_encoder *c) {
  struct webp *w = c->state;
  novita_pixels_close(&w->whole);
  free(w);
}


const struct novita_encoder_type novita_encode_webp = {
  open_webp, row_webp, finish_webp, close_webp, WEBP_MAX_DIMENSION
};
