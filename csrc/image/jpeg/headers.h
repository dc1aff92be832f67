/*
** headers.h: the segments of a baseline JPEG before its coded pixels, as
** libjpeg writes them.
*/
#ifndef novita_image_jpeg_headers_h
#define novita_image_jpeg_headers_h

#include <stdio.h>

#include <jpeglib.h>

#include "../../base/buffer.h"

/* 'cinfo' is set up, but not started. */
NOVITA_FUNC enum novita_buffer_result novita_jpeg_headers_append (
  struct novita_buffer *out, const struct jpeg_compress_struct *cinfo);

#endif
