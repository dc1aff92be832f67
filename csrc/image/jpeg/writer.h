/*
** writer.h: writes planes as a baseline JPEG: the same bytes as
** libjpeg-turbo, in about half its time. It takes the tables that libjpeg was
** set up with; what is unusual in them, a processor without AVX2 and
** NOVITA_JPEG=libjpeg leave the image to libjpeg.
*/
#ifndef novita_image_jpeg_writer_h
#define novita_image_jpeg_writer_h

#include <stdio.h>

#include <jpeglib.h>

#include "../codec/encoder.h"
#include "../codec/planes.h"

struct novita_jpeg_writer;

/* 'cinfo' is set up, but not started. NULL if libjpeg must write the image, or
** if memory is missing. */
NOVITA_FUNC struct novita_jpeg_writer *novita_jpeg_writer_open (
  struct novita_encoder *c, const struct jpeg_compress_struct *cinfo);
NOVITA_FUNC void novita_jpeg_writer_close (struct novita_jpeg_writer *w);

/* 0, or -1 with the error: see novita_encoder_planes */
NOVITA_FUNC int novita_jpeg_writer_planes (struct novita_jpeg_writer *w,
                                           const struct novita_planes *p,
                                           struct novita_error *e);
NOVITA_FUNC int novita_jpeg_writer_finish (struct novita_jpeg_writer *w,
                                           struct novita_error *e);

#endif
