/*
** colour.h: converts rows of any colour space to sRGB, with lcms2.
**
**   novita_colour_open    examines the profile and chooses the conversion
**   novita_colour_row     any row of the image as 8-bit RGB or gray
**   novita_colour_wide_row  16-bit rows
**   novita_colour_close   may be called at any time after open, and twice
**
** Each image gets a private lcms2 context, so that settings, error handler and
** memory are not shared, and a transform without lcms2's one-pixel cache. A
** colour belongs to one thread.
*/
#ifndef novita_image_colour_colour_h
#define novita_image_colour_colour_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/error.h"
#include "profile.h"

/* what was found and done; reported for every prepared image */
enum novita_colour_state {
  NOVITA_COLOUR_NONE,       /* no profile: treated as sRGB */
  NOVITA_COLOUR_SRGB,       /* already sRGB: unchanged */
  NOVITA_COLOUR_CONVERTED,
  NOVITA_COLOUR_BROKEN      /* an unusable profile: ignored */
};

struct novita_lcms;
struct novita_colour_matrix;
struct novita_colour_matrix_wide;

struct novita_colour {
  enum novita_colour_state state;
  int channels;              /* of the rows to convert; 4 is CMYK */
  bool wide;                 /* only novita_colour_wide_row may be called */
  uint8_t gray[256];         /* the conversion of one channel */
  uint8_t *wide_gray;        /* the same for 16 bits */
  struct novita_colour_matrix *matrix;  /* RGB by primaries and curves */
  struct novita_colour_matrix_wide *wide_matrix;  /* the same for 16 bits */
  struct novita_lcms *lcms;  /* for all other profiles; else NULL */
};

/* 'channels' of the image without its alpha: 1 gray, 3 RGB, 4 CMYK. 'wide' if
** its rows will have 16 bits, should they be converted. Fails only on
** out-of-memory. */
NOVITA_FUNC int novita_colour_open (struct novita_colour *c,
                                    const struct novita_profile *profile,
                                    int channels, bool wide,
                                    struct novita_error *e);
NOVITA_FUNC void novita_colour_close (struct novita_colour *c);

/* if true, rows must go through one of the functions below */
NOVITA_FUNC bool novita_colour_converts (const struct novita_colour *c);

/* Converts 'n' pixels of the channels passed to open to sRGB: gray to gray, RGB
** and CMYK (255 is full ink) to RGB. In place if the row does not grow. */
NOVITA_FUNC void novita_colour_row (const struct novita_colour *c,
                                    uint8_t *out, const uint8_t *row, int n);

/* the same in place for 2 (gray + alpha) or 4 (RGBA) channels; alpha is
** unchanged */
NOVITA_FUNC void novita_colour_alpha_row (const struct novita_colour *c,
                                          uint8_t *row, int n);

/* Converts 'n' pixels of 16 bits to sRGB with 8. 'channels' of both rows: those
** passed to open, or one more, which is alpha. */
NOVITA_FUNC void novita_colour_wide_row (const struct novita_colour *c,
                                         uint8_t *out, const uint16_t *row,
                                         int n, int channels);

/* "none", "srgb", "converted", "broken" */
NOVITA_FUNC const char *novita_colour_name (enum novita_colour_state state);

#endif
