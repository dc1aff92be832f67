/*
** metadata_strip.h: copies an image file without the metadata that its pixels
** do not need: when, where, by whom and with what it was taken, texts,
** thumbnails (which may show what was cropped), images and videos after its
** end. Pixels, colour profiles and everything that gives the samples their
** meaning are copied unchanged.
*/
#ifndef novita_image_codec_metadata_strip_h
#define novita_image_codec_metadata_strip_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/buffer.h"
#include "format.h"

/* Appends a complete, valid file of that format to 'out' without its metadata.
** Sets '*valid' to false if the structure of the file is invalid; 'out' is then
** useless. */
NOVITA_FUNC enum novita_buffer_result novita_metadata_strip (
  struct novita_buffer *out, enum novita_format format, const uint8_t *file,
  size_t size, bool *valid);

#endif
