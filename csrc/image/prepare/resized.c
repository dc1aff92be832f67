/*
** resized.c: see resized.h
*/
#include <string.h>

#include "../formats/formats.h"
#include "resized.h"
#include "reduce.h"

#define BLOCK 16  /* rows of a block of planes */


void novita_resized_close (struct novita_resized *p) {
  novita_pixels_close(&p->pixels);
  novita_planes_close(&p->planes);
}


/* gray pixels as planes; the memory stays theirs */
static struct novita_planes view_gray (const struct novita_pixels *pixels) {
  struct novita_planes view;
  memset(&view, 0, sizeof view);
  view.count = 1;
  view.width = view.plane[0].width = pixels->width;
  view.height = view.plane[0].height = pixels->height;
  view.plane[0].pixels = *pixels;
  return view;
}


int novita_resized_reduce (struct novita_pixels *out,
                           const struct novita_resized *in, int side,
                           struct novita_weights_cache *cache,
                           struct novita_error *e) {
  struct novita_planes gray;
  if (in->pixels.data == NULL)
    return novita_reduce_planes(out, &in->planes, side, cache, e);
  if (in->pixels.channels != 1)
    return novita_reduce_pixels(out, &in->pixels, side, cache, e);
  gray = view_gray(&in->pixels);
  return novita_reduce_planes(out, &gray, side, cache, e);
}


static int encode_pixels (const struct novita_pixels *pixels, int left,
                          int top, struct novita_encoder *encoder,
                          struct novita_measure *measure,
                          struct novita_error *e) {
  int y;
  for (y = top; y < top + encoder->height; y++) {
    const uint8_t *row = novita_pixels_row(pixels, y) +
                         (size_t)left * (size_t)pixels->channels;
    novita_measure_row(measure, row, pixels->channels);
    if (novita_encoder_row(encoder, row, e) != 0) return -1;
  }
  return novita_encoder_finish(encoder, e);
}


/* 'to' is a part of 'from' */
static void copy_plane (const struct novita_plane *to,
                        const struct novita_plane *from, int left, int top) {
  int y;
  for (y = 0; y < to->height; y++)
    memcpy(novita_pixels_row(&to->pixels, y),
           novita_pixels_row(&from->pixels, top + y) + left,
           (size_t)to->width);
}


static void copy_planes (const struct novita_planes *to,
                         const struct novita_planes *from, int chroma,
                         int left, int top) {
  int i;
  for (i = 0; i < to->count; i++) {
    int share = i > 0 && chroma == 420 ? 2 : 1;
    copy_plane(&to->plane[i], &from->plane[i], left / share, top / share);
  }
  novita_planes_pad(to);
}


/* 'to' becomes the part of 'from', in its memory */
static void view_planes (struct novita_planes *to,
                         const struct novita_planes *from, int chroma,
                         int left, int top) {
  int i;
  for (i = 0; i < to->count; i++) {
    const struct novita_pixels *pixels = &from->plane[i].pixels;
    int share = i > 0 && chroma == 420 ? 2 : 1;
    to->plane[i].pixels = *pixels;
    to->plane[i].pixels.data = novita_pixels_row(pixels, top / share) +
                               left / share;
  }
}


/* 'block' has the width of the part and as many rows as the encoder takes at
** once, and memory for them if they must be copied */
static int encode_planes (const struct novita_planes *planes, int left,
                          int top, struct novita_planes *block,
                          struct novita_encoder *encoder,
                          struct novita_measure *measure,
                          struct novita_error *e) {
  int chroma = novita_encoder_chroma(&encoder->options), y, k, i;
  for (y = 0; y < encoder->height; y += block->height) {
    int n = encoder->height - y < block->height ? encoder->height - y
                                                : block->height;
    block->height = n;
    for (i = 0; i < block->count; i++)
      block->plane[i].height = i > 0 && chroma == 420 ? (n + 1) / 2 : n;
    if (block->memory != NULL)
      copy_planes(block, planes, chroma, left, top + y);
    else view_planes(block, planes, chroma, left, top + y);
    for (k = 0; k < n; k++)
      novita_measure_row(measure, novita_pixels_row(&block->plane[0].pixels,
                                                    k), 1);
    if (novita_encoder_planes(encoder, block, e) != 0) return -1;
  }
  return novita_encoder_finish(encoder, e);  /* it may still read the block */
}


/* Rows need no copy if they need no padding, and if the encoder only reads
** them: one that takes the whole image may write. */
static int open_block (struct novita_planes *block,
                       const struct novita_planes *planes,
                       const struct novita_encoder *encoder,
                       struct novita_error *e) {
  bool flows = novita_formats_take_row_blocks(&encoder->options);
  int chroma = novita_encoder_chroma(&encoder->options), i;
  if (!flows || encoder->width % BLOCK != 0) {
    if (novita_planes_open(block, encoder->width, flows ? BLOCK
                           : encoder->height, planes->count, chroma, e) != 0)
      return -1;
    novita_planes_clear(block);
    return 0;
  }
  memset(block, 0, sizeof *block);
  block->count = planes->count;
  block->width = encoder->width;
  block->height = BLOCK;
  for (i = 0; i < block->count; i++)
    block->plane[i].width = encoder->width / (i > 0 && chroma == 420 ? 2 : 1);
  return 0;
}


static int encode_in_planes (const struct novita_planes *planes, int left,
                             int top, struct novita_encoder *encoder,
                             struct novita_measure *measure,
                             struct novita_error *e) {
  struct novita_planes block;
  int r;
  if (open_block(&block, planes, encoder, e) != 0) return -1;
  r = encode_planes(planes, left, top, &block, encoder, measure, e);
  novita_planes_close(&block);
  return r;
}


int novita_resized_encode (const struct novita_resized *p, int left, int top,
                           const struct novita_encoder_options *encoding,
                           struct novita_measure *measure,
                           struct novita_buffer *out, struct novita_error *e) {
  struct novita_encoder encoder;
  bool planes = p->pixels.data == NULL;
  int r = novita_formats_open_encoder(&encoder, encoding, measure->width,
                                      measure->height, planes
                                      ? p->planes.count : p->pixels.channels,
                                      out, e);
  if (r == 0)
    r = planes ? encode_in_planes(&p->planes, left, top, &encoder, measure, e)
               : encode_pixels(&p->pixels, left, top, &encoder, measure, e);
  novita_encoder_close(&encoder);
  return r;
}
