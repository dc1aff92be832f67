/*
** format.h: detects a file's format by its first bytes; the file name is
** ignored.
*/
#ifndef novita_image_codec_format_h
#define novita_image_codec_format_h

#include <stdbool.h>
#include <stddef.h>

#include "../../base/error.h"

enum novita_format {
  NOVITA_FORMAT_JPEG, NOVITA_FORMAT_PNG, NOVITA_FORMAT_WEBP
};

/* "jpeg", "png", "webp" */
NOVITA_FUNC const char *novita_format_name (enum novita_format format);

/* the format, or -1 with an error that says what the bytes look like */
NOVITA_FUNC int novita_format_sniff (const unsigned char *bytes, size_t len,
                                     struct novita_error *e);

/* a name for bytes of no readable format: "a HEIC photo", "text"; 'image' says
** whether it can be exported as a JPEG */
NOVITA_FUNC const char *novita_format_describe (const unsigned char *bytes,
                                                size_t len, bool *image);

#endif
