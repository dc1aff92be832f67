/*
** decode.h: shared by the files of the JPEG decoder: decode.c reads rows,
** planes.c the stored planes, and source.c provides the bytes.
*/
#ifndef novita_image_jpeg_decode_h
#define novita_image_jpeg_decode_h

#include "guard.h"

/* makes the decoder's file libjpeg's source, from its start */
NOVITA_FUNC void novita_jpeg_source_attach (struct novita_jpeg *j);
/* lets libjpeg continue after the header, wherever the file's window is */
NOVITA_FUNC int novita_jpeg_source_rewind (struct novita_jpeg *j,
                                           struct novita_error *e);

/* 1 or 3 if the file is gray or Y'CbCr, else 0 */
NOVITA_FUNC int novita_jpeg_planes_count (const struct novita_jpeg *j);
NOVITA_FUNC int novita_jpeg_planes_start (struct novita_decoder *d,
                                          struct novita_plane_layout *layout,
                                          struct novita_error *e);
NOVITA_FUNC int novita_jpeg_planes_row_block (
  struct novita_decoder *d, struct novita_plane_row_block *row_block,
  struct novita_error *e);

#endif
