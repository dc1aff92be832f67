/*
** context.h: an lcms2 context for one image. It reports no errors, and its
** memory is limited, because the tables of a profile may lie about their size.
** It shares nothing, so each thread may have its own.
*/
#ifndef novita_image_colour_context_h
#define novita_image_colour_context_h

#include <stdbool.h>
#include <stddef.h>

#include <lcms2.h>

#include "../../base/func.h"

struct novita_colour_memory {
  size_t used;   /* bytes */
  bool refused;  /* malloc failed: ignore what lcms2 says about the profile */
};

/* 'memory' starts zeroed and must outlive the context. NULL on out-of-memory.
*/
NOVITA_FUNC cmsContext novita_colour_context (
  struct novita_colour_memory *memory);

#endif
