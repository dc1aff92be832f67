/*
** profile.h: what a picture file says of its colours: an ICC profile, the same
** in numbers, or nothing.
*/
#ifndef novita_image_colour_profile_h
#define novita_image_colour_profile_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_PROFILE_MAX_BYTES (4u << 20)  /* bytes; CMYK ones have 0.5 M */

enum novita_profile_kind {
  NOVITA_PROFILE_NONE,     /* says nothing: taken for sRGB */
  NOVITA_PROFILE_SRGB,     /* says it is sRGB */
  NOVITA_PROFILE_ICC,
  NOVITA_PROFILE_NUMBERS,  /* white, primaries and gamma of a PNG */
  NOVITA_PROFILE_BROKEN    /* there, but cut, too long or senseless */
};

struct novita_profile {
  enum novita_profile_kind kind;
  uint8_t *icc;            /* owned; NULL unless NOVITA_PROFILE_ICC */
  size_t len;
  double white[2], primaries[3][2];  /* CIE xy, where NUMBERS */
  double gamma;            /* the exponent of decoding; 0 = sRGB's curve */
};

NOVITA_FUNC void novita_profile_free (struct novita_profile *p);

#endif
