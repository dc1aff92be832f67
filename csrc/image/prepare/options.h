/*
** options.h: what is to become of a photo.
*/
#ifndef novita_image_prepare_options_h
#define novita_image_prepare_options_h

#include <stdbool.h>
#include <stdint.h>

#include "../resample/filter.h"
#include "../codec/encoder.h"
#include "../codec/limits.h"
#include "../resample/resample.h"

enum novita_fit {
  NOVITA_FIT_COVER,     /* fills the size; what is too much is cut, centred */
  NOVITA_FIT_CONTAIN,   /* whole inside the size, the rest is background */
  NOVITA_FIT_STRETCH,   /* fills the size, without regard to proportions */
  NOVITA_FIT_INSIDE     /* whole inside the size; the result may be smaller */
};

struct novita_prepare_options {
  int width, height;         /* both 0 = keep; one 0 = in proportion */
  enum novita_fit fit;
  enum novita_filter filter;
  bool linear;               /* add up light, not sRGB codes */
  bool has_crop;
  struct novita_box crop;    /* of the picture as displayed, may be fractions */
  enum novita_format format;
  int quality;               /* 1 to 100 */
  int chroma;                /* 444 or 420 */
  bool lossless;
  bool optimize;             /* Huffman tables of a JPEG */
  int effort;                /* -1 = the format's usual */
  bool planes;               /* 0 = a JPEG goes through RGB in any case */
  bool pass_through;         /* 0 = also what already fits is encoded */
  bool keep_metadata;        /* of what is passed through: EXIF and all */
  uint8_t background[3];     /* under alpha, and around NOVITA_FIT_CONTAIN */
  bool lenient;               /* take what a cut or damaged file still has */
  struct novita_limits limits;
};

/* keep the size, cover, Lanczos3, JPEG 95 4:4:4, white, strict; planes and
** passing through where they can be */
NOVITA_FUNC void novita_prepare_options_defaults (
  struct novita_prepare_options *options);

/* the part of a wish that the encoder wants */
NOVITA_FUNC void novita_prepare_options_encoder (
  const struct novita_prepare_options *options,
  struct novita_encoder_options *encoding);

#endif
