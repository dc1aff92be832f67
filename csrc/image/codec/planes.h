/*
** planes.h: a small picture as planes, in the colours of JPEG (Rec. 601, full
** range): Y, Cb, Cr, or Y alone. Each plane has room for whole 8 x 8 blocks.
*/
#ifndef novita_image_codec_planes_h
#define novita_image_codec_planes_h

#include "decoder.h"
#include "pixels.h"

struct novita_plane {
  struct novita_pixels pixels;  /* one channel, the padding included */
  int width, height;            /* without it */
};

struct novita_planes {
  int count;                    /* 1 or 3 */
  int width, height;            /* pixels */
  struct novita_plane plane[NOVITA_PLANES];
};

/* Colour is neutral. 'chroma' is 444, or 420 for half the colour a side,
** rounded up. */
NOVITA_FUNC int novita_planes_open (struct novita_planes *p, int width,
                                    int height, int count, int chroma,
                                    struct novita_error *e);
NOVITA_FUNC void novita_planes_close (struct novita_planes *p);

/* repeats the last column to the right of it */
NOVITA_FUNC void novita_planes_pad (const struct novita_planes *p);

/* one row of three planes of the same size as RGB, to the bit as libjpeg */
NOVITA_FUNC void novita_planes_rgb (const struct novita_planes *p, int y,
                                    uint8_t *rgb);

#endif
