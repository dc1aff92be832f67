/*
** encode.c: writes WebP through libwebp, lossy or lossless. The library takes
** whole images, so the rows are collected first. Lossy WebP is 4:2:0 with Y
** from 16 to 235: planes only need to be mapped to that range.
*/
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

#include "../codec/encoder.h"
#include "../codec/planes.h"

#define LUMA 219    /* range of Y, and of Cb and Cr, in a lossy WebP */
#define CHROMA 224
#define TILE 64     /* samples in one loop of constant length, which compilers
                    ** vectorize; a plane has a multiple of it */

struct webp {
  struct novita_pixels whole;             /* collected rows, */
  const struct novita_planes *planes;     /* or borrowed planes */
  enum novita_buffer_result appended;     /* result of the last write */
};


static int open_webp (struct novita_encoder *c, struct novita_error *e) {
  struct webp *w = calloc(1, sizeof *w);
  if (w == NULL) return novita_error_set_memory(e);
  c->state = w;
  if (c->options.planes && !c->options.lossless) return 0;
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
  return w->appended == NOVITA_BUFFER_OK;
}


static int configure (const struct novita_encoder_options *options,
                      WebPConfig *config) {
  if (!WebPConfigInit(config)) return 0;
  config->quality = (float)options->quality;
  config->method = options->effort;
  config->lossless = options->lossless;
  config->exact = options->lossless;  /* keep the colours under transparent
                                      ** pixels */
  return WebPValidateConfig(config);
}


/* to + (v - from) * range / 255, rounded. 'add' holds all constants; shifting
** the sum divides it by 255, exactly because it fits into 16 bits. */
static void narrow_tile (uint8_t *at, int range, int add) {
  int i;
  for (i = 0; i < TILE; i++) {
    uint16_t v = (uint16_t)(at[i] * range + add);
    at[i] = (uint8_t)((uint16_t)(v + (v >> 8)) >> 8);
  }
}


static uint8_t *narrow_range (const struct novita_plane *plane, int range) {
  const struct novita_pixels *pixels = &plane->pixels;
  size_t i, n = novita_pixels_stride(pixels) * (size_t)pixels->height;
  int from = range == LUMA ? 0 : 128, to = range == LUMA ? 16 : 128;
  int add = to * 255 - from * range + 255 / 2 + 1;
  for (i = 0; i < n; i += TILE) narrow_tile(pixels->data + i, range, add);
  return pixels->data;
}


/* libwebp reads the planes in place */
static int use_planes (const struct novita_planes *p, WebPPicture *picture) {
  picture->colorspace = WEBP_YUV420;
  picture->y = narrow_range(&p->plane[0], LUMA);
  picture->u = narrow_range(&p->plane[1], CHROMA);
  picture->v = narrow_range(&p->plane[2], CHROMA);
  picture->y_stride = (int)novita_pixels_stride(&p->plane[0].pixels);
  picture->uv_stride = (int)novita_pixels_stride(&p->plane[1].pixels);
  return 1;
}


static int import (const struct webp *w, WebPPicture *picture) {
  const struct novita_pixels *p = &w->whole;
  int stride = (int)novita_pixels_stride(p);
  if (w->planes != NULL) return use_planes(w->planes, picture);
  return p->channels == 4 ? WebPPictureImportRGBA(picture, p->data, stride)
                          : WebPPictureImportRGB(picture, p->data, stride);
}


static int failed (const struct novita_encoder *c, const struct webp *w,
                   int code, struct novita_error *e) {
  if (w->appended != NOVITA_BUFFER_OK)
    return novita_encoder_fail_append(c, w->appended, e);
  if (code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
      code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
      code == VP8_ENC_OK)  /* fails without a reason only if out of memory */
    return novita_error_set_memory(e);
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "encode",
                          "cannot be written as WebP (error %d)", code);
}


static int finish_webp (struct novita_encoder *c, struct novita_error *e) {
  struct webp *w = c->state;
  WebPConfig config;
  WebPPicture picture;
  int ok;
  if (!WebPPictureInit(&picture) || !configure(&c->options, &config))
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "encode",
                            "cannot be written as WebP: bad options");
  picture.use_argb = c->options.lossless;
  picture.width = c->width;
  picture.height = c->height;
  picture.writer = on_write;
  picture.custom_ptr = c;
  ok = import(w, &picture) && WebPEncode(&config, &picture);
  if (!ok) failed(c, w, (int)picture.error_code, e);
  WebPPictureFree(&picture);
  return ok ? 0 : -1;
}


/* 'finish' encodes the planes, so they must still exist then */
static int planes_webp (struct novita_encoder *c,
                        const struct novita_planes *p,
                        struct novita_error *e) {
  struct webp *w = c->state;
  (void)e;
  w->planes = p;
  return 0;
}


static void close_webp (struct novita_encoder *c) {
  struct webp *w = c->state;
  novita_pixels_close(&w->whole);
  free(w);
}


const struct novita_encoder_type novita_webp_encode_type = {
  open_webp, row_webp, finish_webp, close_webp, WEBP_MAX_DIMENSION,
  planes_webp, 0
};
