/*
** decode.h: what the files of the JPEG decoder share: decode.c gives
** rows, planes.c the planes that the file is made of, and
** source.c gets the bytes.
*/
#ifndef novita_image_jpeg_decode_h
#define novita_image_jpeg_decode_h

#include "guard.h"

/* the decoder's file, from its start */
NOVITA_FUNC void novita_jpeg_source_attach (struct novita_jpeg *j);
/* libjpeg goes on behind the header, wherever the file's window is */
NOVITA_FUNC int novita_jpeg_source_rewind (struct novita_jpeg *j,
                                           struct novita_error *e);

/* 1 or 3 where the file is gray or Y'CbCr, else 0 */
NOVITA_FUNC int novita_jpeg_planes_count (const struct novita_jpeg *j);
NOVITA_FUNC int novita_jpeg_planes_start (struct novita_decoder *d,
                                          struct novita_plane_layout *layout,
                                          struct novita_error *e);
NOVITA_FUNC int novita_jpeg_planes_row_block (
  struct novita_decoder *d, struct novita_plane_row_block *row_block,
  struct novita_error *e);

#endif
