/*
** image.h: whole images in memory: load, resize, save. For code that needs all
** pixels at once; photos to upload go through prepare.h.
*/
#ifndef novita_image_canvas_image_h
#define novita_image_canvas_image_h

#include "../codec/pixels.h"
#include "../prepare/prepare.h"

/* Decodes to sRGB, upright. 'channels' is 1 to 4, or 0 to keep the file's. Of
** 'options', only background, lenient and limits are used. */
NOVITA_FUNC int novita_image_load (struct novita_pixels *out,
                                   const struct novita_source *source,
                                   int channels,
                                   const struct novita_prepare_options *options,
                                   struct novita_error *e);

/* Makes a new image with the size, fit, filter and crop of 'options'. Alpha is
** kept. The area that 'contain' leaves empty is background (transparent if
** there is alpha). */
NOVITA_FUNC int novita_image_resize (
  struct novita_pixels *out, const struct novita_pixels *in,
  const struct novita_prepare_options *options, struct novita_error *e);

/* encodes to 'out'; alpha is kept if the format has it */
NOVITA_FUNC int novita_image_save (struct novita_buffer *out,
                                   const struct novita_pixels *in,
                                   const struct novita_prepare_options *options,
                                   struct novita_error *e);

#endif
