/*
** profile.h: what an image file says about its colours, found in its bytes
** without decoding them: the ICC profile in the APP2 segments of a JPEG, the
** iCCP chunk of a PNG or the ICCP chunk of a WebP, or the PNG chunks that say
** the same in numbers. In a PNG the first of cICP, iCCP, sRGB, gAMA with cHRM
** counts.
*/
#ifndef novita_image_colour_profile_h
#define novita_image_colour_profile_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"
#include "../codec/format.h"

#define NOVITA_PROFILE_MAX_BYTES (4u << 20)  /* CMYK profiles have 0.5 MB */

enum novita_profile_kind {
  NOVITA_PROFILE_NONE,     /* no profile: treated as sRGB */
  NOVITA_PROFILE_SRGB,     /* declared as sRGB */
  NOVITA_PROFILE_ICC,
  NOVITA_PROFILE_NUMBERS,  /* white, primaries and gamma of a PNG */
  NOVITA_PROFILE_BROKEN    /* there, but truncated, too long or invalid */
};

struct novita_profile {
  enum novita_profile_kind kind;
  uint8_t *icc;            /* owned; NULL unless NOVITA_PROFILE_ICC */
  size_t len;
  double white[2], primaries[3][2];  /* CIE xy, if NUMBERS */
  double gamma;            /* the decoding exponent; 0 = the sRGB curve */
};

/* Fails only on out-of-memory: an invalid profile gets the kind BROKEN. */
NOVITA_FUNC int novita_profile_find (struct novita_profile *p,
                                     enum novita_format format,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);
NOVITA_FUNC void novita_profile_free (struct novita_profile *p);

/* The parts of novita_profile_find for each format. The caller zeroes 'p', and
** frees it unless it is NOVITA_PROFILE_ICC. */
NOVITA_FUNC int novita_profile_jpeg (struct novita_profile *p,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);
NOVITA_FUNC int novita_profile_png (struct novita_profile *p,
                                    const uint8_t *file, size_t size,
                                    struct novita_error *e);

#endif
