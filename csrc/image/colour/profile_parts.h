/*
** profile_parts.h: the formats' halves of profile_find.h; nobody else's business.
** 'p' comes in zeroed, and is freed by the caller where -1 is returned.
*/
#ifndef novita_image_colour_profile_parts_h
#define novita_image_colour_profile_parts_h

#include "../../base/error.h"
#include "profile.h"

NOVITA_FUNC int novita_profile_jpeg (struct novita_profile *p,
                                     const uint8_t *file, size_t size,
                                     struct novita_error *e);
NOVITA_FUNC int novita_profile_png (struct novita_profile *p,
                                    const uint8_t *file, size_t size,
                                    struct novita_error *e);

#endif
