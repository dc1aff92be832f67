/*
** limits.h: what a picture may cost, said before any of it is read.
*/
#ifndef novita_image_codec_limits_h
#define novita_image_codec_limits_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

struct novita_limits {
  size_t bytes;             /* of the input */
  uint64_t pixels;          /* of the input: width x height in its header */
  int scans;                /* of a progressive JPEG */
  uint64_t output_pixels;   /* of what is made */
  size_t output_bytes;      /* of the encoded result */
  size_t memory;            /* of pixels and coefficients held at a time */
  double seconds;           /* from opening the file to its last row */
};

/* 256 MiB, 268,435,456 pixels, 100 scans; 67,108,864 pixels, 256 MiB;
** 1 GiB, 60 seconds */
NOVITA_FUNC void novita_limits_defaults (struct novita_limits *limits);

#endif
