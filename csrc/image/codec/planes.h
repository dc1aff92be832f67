/*
** planes.h: a resized image as planes, in JPEG's colours (Rec. 601, full
** range): Y, Cb, Cr, or only Y. Each plane has room for complete 8 x 8 blocks.
*/
#ifndef novita_image_codec_planes_h
#define novita_image_codec_planes_h

#include "decoder.h"
#include "pixels.h"

struct novita_plane {
  struct novita_pixels pixels;  /* one channel, including the padding */
  int width, height;            /* without the padding */
};

struct novita_planes {
  int count;                    /* 1 or 3 */
  int width, height;            /* in pixels */
  struct novita_plane plane[NOVITA_PLANES];
  uint8_t *memory;              /* holds all of them */
};

/* 'chroma' is 444, or 420 for half the resolution of colour in both directions,
** rounded up. The samples are undefined. */
NOVITA_FUNC int novita_planes_open (struct novita_planes *p, int width,
                                    int height, int count, int chroma,
                                    struct novita_error *e);
NOVITA_FUNC void novita_planes_close (struct novita_planes *p);

/* fills all of it with black: Cb and Cr are neutral (128) */
NOVITA_FUNC void novita_planes_clear (const struct novita_planes *p);

/* fills the padding on the right by repeating the last column */
NOVITA_FUNC void novita_planes_pad (const struct novita_planes *p);

/* one row of three planes of the same size as RGB, bit-exact with libjpeg */
NOVITA_FUNC void novita_planes_rgb (const struct novita_planes *p, int y,
                                    uint8_t *rgb);

#endif
