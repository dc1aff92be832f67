/*
** reduce.h: a photo as a small upright RGB image, for a detector.
*/
#ifndef novita_image_prepare_reduce_h
#define novita_image_prepare_reduce_h

#include <stdbool.h>

#include "../../base/error.h"
#include "../codec/limits.h"
#include "../codec/pixels.h"
#include "../codec/planes.h"
#include "../codec/source.h"
#include "../resample/weights_cache.h"

/* The longer side gets 'side' pixels; alpha is composited on white. Also
** returns the photo's own size, as displayed. On success the caller closes
** 'out'. */
NOVITA_FUNC int novita_reduce_photo (struct novita_pixels *out,
                                     const struct novita_source *source,
                                     const struct novita_limits *limits,
                                     bool lenient, int side, int *width,
                                     int *height, struct novita_error *e);

/* the same of an image in memory: RGB, or planes; 'cache' may be NULL */
NOVITA_FUNC int novita_reduce_pixels (struct novita_pixels *out,
                                      const struct novita_pixels *in,
                                      int side,
                                      struct novita_weights_cache *cache,
                                      struct novita_error *e);
NOVITA_FUNC int novita_reduce_planes (struct novita_pixels *out,
                                      const struct novita_planes *in,
                                      int side,
                                      struct novita_weights_cache *cache,
                                      struct novita_error *e);

#endif
