/*
** resized.h: a resized photo in memory, upright, which is not encoded yet. It
** is in the form in which the encoder will get it: as pixels, or as planes.
*/
#ifndef novita_image_prepare_resized_h
#define novita_image_prepare_resized_h

#include "../codec/encoder.h"
#include "../codec/pixels.h"
#include "../codec/planes.h"
#include "../resample/weights_cache.h"
#include "measure.h"

struct novita_resized {
  struct novita_pixels pixels;  /* gray or RGB; no data if it is in planes */
  struct novita_planes planes;
};

NOVITA_FUNC void novita_resized_close (struct novita_resized *p);

/* The longer side of the small one gets 'side' pixels; RGB. On success the
** caller closes 'out'. */
NOVITA_FUNC int novita_resized_reduce (struct novita_pixels *out,
                                       const struct novita_resized *in,
                                       int side,
                                       struct novita_weights_cache *cache,
                                       struct novita_error *e);

/* Encodes and measures the part at 'left', 'top', which has the size of
** 'measure'. If the chroma of 'encoding' is 420, both are even. */
NOVITA_FUNC int novita_resized_encode (
  const struct novita_resized *p, int left, int top,
  const struct novita_encoder_options *encoding,
  struct novita_measure *measure, struct novita_buffer *out,
  struct novita_error *e);

#endif
