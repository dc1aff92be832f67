/*
** pixels.h: an image in memory: 8 bits per sample, rows without gaps. Channels:
** 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA. Alpha is straight (not premultiplied).
*/
#ifndef novita_image_codec_pixels_h
#define novita_image_codec_pixels_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"

#define NOVITA_PIXELS_MAX_SIDE 65500  /* the limit of JPEG */

struct novita_pixels {
  uint8_t *data;
  int width, height;
  int channels;
};

/* zeroed; 'limit' is in pixels */
NOVITA_FUNC int novita_pixels_open (struct novita_pixels *p, int width,
                                    int height, int channels, uint64_t limit,
                                    struct novita_error *e);
NOVITA_FUNC void novita_pixels_close (struct novita_pixels *p);

NOVITA_FUNC size_t novita_pixels_stride (const struct novita_pixels *p);
NOVITA_FUNC uint8_t *novita_pixels_row (const struct novita_pixels *p, int y);

NOVITA_FUNC bool novita_pixels_has_alpha (int channels);

#endif
