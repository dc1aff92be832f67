/*
** profile_find.h: what a file says of its colours, found in its bytes without
** decoding any of them: the ICC profile in a JPEG's APP2 segments, a PNG's iCCP
** or a WebP's ICCP chunk, and the PNG chunks that say the same in numbers. In a
** PNG the first of cICP, iCCP, sRGB, gAMA with cHRM counts.
*/
#ifndef novita_image_colour_profile_find_h
#define novita_image_colour_profile_find_h

#include "../../base/error.h"
#include "profile.h"
#include "../codec/format.h"

/* only memory can fail: whatever is wrong with a profile is its kind */
NOVITA_FUNC int novita_profile_find (struct novita_profile *p,
                                     enum novita_format format,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);

#endif
