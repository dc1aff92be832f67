/*
** h273.h: the code points of ITU-T H.273 as white, primaries and gamma. PNG's
** cICP and HEIF's nclx use them.
*/
#ifndef novita_image_colour_h273_h
#define novita_image_colour_h273_h

#include <stdbool.h>

#include "profile.h"

#define NOVITA_H273_UNSPECIFIED 2

/* false if a code point is unknown, or has no equivalent in sRGB (HDR) */
NOVITA_FUNC bool novita_h273_read (struct novita_profile *p, int primaries,
                                   int transfer);

#endif
