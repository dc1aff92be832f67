/*
** context.h: a context of lcms2 that belongs to one picture: silent,
** and with an end to its memory, since the tables of a profile may lie about
** their size. Nothing of it is shared, so any number of threads may have one.
*/
#ifndef novita_image_colour_context_h
#define novita_image_colour_context_h

#include <stdbool.h>
#include <stddef.h>

#include <lcms2.h>

#include "../../base/func.h"

struct novita_colour_memory {
  size_t used;   /* bytes */
  bool refused;  /* malloc had none: what lcms2 says of the profile is void */
};

/* 'memory' must outlive the context and starts as zeros; NULL where there is
** no memory */
NOVITA_FUNC cmsContext novita_colour_context (
  struct novita_colour_memory *memory);

#endif
