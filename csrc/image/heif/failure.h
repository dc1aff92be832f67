/*
** failure.h: what libheif's errors mean, and what to do about them.
*/
#ifndef novita_image_heif_failure_h
#define novita_image_heif_failure_h

#include "../codec/decoder.h"
#include "container.h"
#include "library.h"

/* All return -1. */
NOVITA_FUNC int novita_heif_failure_set (struct novita_decoder *d,
                                         struct heif_error error,
                                         struct novita_error *e);
/* of a file that libheif need not see */
NOVITA_FUNC int novita_heif_failure_state (struct novita_decoder *d,
                                           enum novita_heif_state state,
                                           struct novita_error *e);
/* 'what' completes "is a HEIC photo ..." */
NOVITA_FUNC int novita_heif_failure_unsupported (
  const struct novita_decoder *d, const char *what, struct novita_error *e);

#endif
