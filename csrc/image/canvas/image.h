/*
** image.h: whole pictures in memory: load, resize, save. For what needs all
** pixels at hand; photos on their way to the service go through prepare.h.
*/
#ifndef novita_image_canvas_image_h
#define novita_image_canvas_image_h

#include "../codec/pixels.h"
#include "../prepare/prepare.h"

/* decoded, in sRGB and upright; 'channels' 1 to 4, or 0 for those of the file. Of
** 'wish' only the background, lenient and the limits count. */
NOVITA_FUNC int novita_image_load (struct novita_pixels *out,
                                   const struct novita_source *source,
                                   int channels,
                                   const struct novita_prepare_options *options,
                                   struct novita_error *e);

/* a new picture of the wished size, fit, filter and crop. Alpha stays, and
** what 'contain' leaves empty is background (transparent where there is
** alpha). */
NOVITA_FUNC int novita_image_resize (
  struct novita_pixels *out, const struct novita_pixels *in,
  const struct novita_prepare_options *options, struct novita_error *e);

/* as a file in 'out'; alpha is kept where the format has it */
NOVITA_FUNC int novita_image_save (struct novita_buffer *out,
                                   const struct novita_pixels *in,
                                   const struct novita_prepare_options *options,
                                   struct novita_error *e);

#endif
