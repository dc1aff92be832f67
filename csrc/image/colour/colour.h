/*
** colour.h: rows of any colour space become rows of sRGB, by lcms2.
**
**   novita_colour_open    looks at the profile; decides what must be done
**   novita_colour_row     any row of the picture as 8-bit RGB or gray
**   novita_colour_close   may be called at any time after open, and twice
**
** lcms2 is given a context of our own for each picture, so that its settings,
** its error handler and its memory are nobody else's, and a transform without
** its one-pixel cache. One colour belongs to one thread.
*/
#ifndef novita_image_colour_colour_h
#define novita_image_colour_colour_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/error.h"
#include "profile.h"

/* what was found and done: a fact of every prepared picture */
enum novita_colour_state {
  NOVITA_COLOUR_NONE,       /* no profile: taken for sRGB */
  NOVITA_COLOUR_SRGB,       /* sRGB already: left alone */
  NOVITA_COLOUR_CONVERTED,
  NOVITA_COLOUR_BROKEN      /* a profile that cannot be used: ignored */
};

struct novita_lcms;
struct novita_colour_matrix;

struct novita_colour {
  enum novita_colour_state state;
  int channels;              /* of what is converted; 4 is ink */
  uint8_t gray[256];         /* one channel needs no more than this */
  struct novita_colour_matrix *matrix;  /* RGB by primaries and curves */
  struct novita_lcms *lcms;  /* what neither of these does; else NULL */
};

/* 'channels' of the picture without its alpha: 1 gray, 3 RGB, or 4 where it
** is CMYK ink. Only memory can fail. */
NOVITA_FUNC int novita_colour_open (struct novita_colour *c,
                                    const struct novita_profile *profile,
                                    int channels, struct novita_error *e);
NOVITA_FUNC void novita_colour_close (struct novita_colour *c);

/* rows must pass novita_colour_row or novita_colour_alpha_row */
NOVITA_FUNC bool novita_colour_converts (const struct novita_colour *c);

/* 'n' pixels of the channels that open was told, to sRGB: gray to gray, RGB
** and CMYK (255 is full ink) to RGB. In place where nothing grows. */
NOVITA_FUNC void novita_colour_row (const struct novita_colour *c,
                                    uint8_t *out, const uint8_t *row, int n);

/* the same in place for 2 (gray + alpha) or 4 (RGBA) channels; alpha stays */
NOVITA_FUNC void novita_colour_alpha_row (const struct novita_colour *c,
                                          uint8_t *row, int n);

/* "none", "srgb", "converted", "broken" */
NOVITA_FUNC const char *novita_colour_name (enum novita_colour_state state);

#endif
