/*
** options.h: how to prepare a photo.
*/
#ifndef novita_image_prepare_options_h
#define novita_image_prepare_options_h

#include <stdbool.h>
#include <stdint.h>

#include "../codec/encoder.h"
#include "../codec/limits.h"
#include "../resample/filter.h"
#include "../resample/resample.h"
#include "chooser.h"

enum novita_fit {
  NOVITA_FIT_COVER,     /* fills the size; the excess is cropped */
  NOVITA_FIT_CONTAIN,  /* whole image inside the size; the rest is background */
  NOVITA_FIT_STRETCH,   /* fills the size, ignoring proportions */
  NOVITA_FIT_INSIDE     /* whole image inside the size; the result may be
                        ** smaller */
};

struct novita_prepare_options {
  int width, height;         /* both 0 = keep; one 0 = in proportion */
  enum novita_fit fit;
  enum novita_filter filter;
  bool linear;               /* resample in linear light, not in sRGB codes */
  bool has_crop;
  struct novita_box crop;    /* of the image as displayed; may have fractions */
  bool crop_top;             /* NOVITA_FIT_COVER keeps the top */
  struct novita_chooser *chooser;  /* or NULL; chooses what NOVITA_FIT_COVER
                                   ** keeps, if width and height are given */
  enum novita_format format;
  int quality;               /* 1 to 100 */
  int chroma;                /* 444 or 420 */
  bool lossless;
  bool optimize;             /* Huffman tables optimized for the image (JPEG) */
  int effort;                /* -1 = novita_encoder_effort */
  bool planes;               /* false = a JPEG always goes through RGB */
  bool pass_through;         /* false = encode even if the file already fits */
  bool keep_metadata;        /* EXIF and all other metadata of a file that is
                             ** passed through */
  uint8_t background[3];     /* under alpha, and around NOVITA_FIT_CONTAIN */
  bool lenient;  /* use what a truncated or damaged file still has */
  bool discard;  /* only the facts are needed: the result has no bytes, unless
                 ** it is passed through */
  struct novita_limits limits;
};

/* Keep the size, cover, Lanczos3, JPEG 95 4:4:4, white, strict; use planes and
** pass through if possible. */
NOVITA_FUNC void novita_prepare_options_defaults (
  struct novita_prepare_options *options);

/* the options for the encoder */
NOVITA_FUNC void novita_prepare_options_encoder (
  const struct novita_prepare_options *options,
  struct novita_encoder_options *encoding);

#endif
