/*
** format.h: detects a file's format by its first bytes; the file name is
** ignored.
*/
#ifndef novita_image_codec_format_h
#define novita_image_codec_format_h

#include <stdbool.h>
#include <stddef.h>

#include "../../base/error.h"

/* HEIC and AVIF can be read, but not written */
enum novita_format {
  NOVITA_FORMAT_JPEG, NOVITA_FORMAT_PNG, NOVITA_FORMAT_WEBP,
  NOVITA_FORMAT_HEIC, NOVITA_FORMAT_AVIF
};

/* "jpeg", "png", "webp", "heic", "avif" */
NOVITA_FUNC const char *novita_format_name (enum novita_format format);

/* for people: "a HEIC photo" */
NOVITA_FUNC const char *novita_format_title (enum novita_format format);

/* the format, or -1 with an error that says what the bytes look like */
NOVITA_FUNC int novita_format_sniff (const unsigned char *bytes, size_t len,
                                     struct novita_error *e);

/* a name for bytes of no readable format: "a HEIC photo", "text"; 'image' says
** whether it can be exported as a JPEG */
NOVITA_FUNC const char *novita_format_describe (const unsigned char *bytes,
                                                size_t len, bool *image);

#endif
