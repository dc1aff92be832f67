/*
** limits.h: the limits on an image's cost, set before any of it is read.
*/
#ifndef novita_image_codec_limits_h
#define novita_image_codec_limits_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/quota.h"

struct novita_limits {
  size_t bytes;             /* of the input */
  uint64_t pixels;          /* of the input: width x height in its header */
  int scans;                /* of a progressive JPEG */
  uint64_t output_pixels;   /* of the result */
  size_t output_bytes;      /* of the encoded result */
  size_t memory;            /* of pixels and coefficients held at once */
  double seconds;           /* from opening the file to its last row, without
                            ** waiting for 'share' */
  struct novita_quota_share *share;  /* of the memory of all workers, or
                                      ** NULL */
};

static inline void novita_limits_defaults (struct novita_limits *limits) {
  limits->bytes = (size_t)256 << 20;
  limits->pixels = (uint64_t)1 << 28;
  limits->scans = 100;
  limits->output_pixels = (uint64_t)1 << 26;
  limits->output_bytes = (size_t)256 << 20;
  limits->memory = (size_t)1 << 30;
  limits->seconds = 60;
  limits->share = NULL;
}

#endif
