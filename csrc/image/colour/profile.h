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

/* Only memory can fail: a profile that is wrong has a kind of its own. */
NOVITA_FUNC int novita_profile_find (struct novita_profile *p,
                                     enum novita_format format,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);
NOVITA_FUNC void novita_profile_free (struct novita_profile *p);

/* For novita_profile_find: the formats. 'p' is zeroed by the caller, which
** also frees it if -1 is returned. */
NOVITA_FUNC int novita_profile_jpeg (struct novita_profile *p,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);
NOVITA_FUNC int novita_profile_png (struct novita_profile *p,
                                    const uint8_t *file, size_t size,
                                    struct novita_error *e);

#endif
