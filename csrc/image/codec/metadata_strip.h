/*
** metadata_strip.h: a picture file without what its pixels do not need: where and when it
** was taken, by whom, with what, texts, thumbnails (which may show what was cut
** away), pictures and films behind its end. Pixels, colour profiles and all that
** says what the numbers mean stay as they are, to the bit.
*/
#ifndef novita_image_codec_metadata_strip_h
#define novita_image_codec_metadata_strip_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/buffer.h"
#include "format.h"

/* Appends a whole and valid file of that format to 'out', stripped. '*sound' is
** 0 where the file is not built as it should be: then 'out' is of no use. */
NOVITA_FUNC enum novita_buffer_result novita_metadata_strip (
  struct novita_buffer *out, enum novita_format format, const uint8_t *file,
  size_t size, bool *valid);

#endif
