/*
** decode_jpeg.h: what the files of the JPEG decoder share: decode_jpeg.c gives
** rows, decode_jpeg_planes.c the planes that the file is made of, and
** decode_jpeg_source.c gets the bytes.
*/
#ifndef novita_image_decode_jpeg_h
#define novita_image_decode_jpeg_h

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "decoder.h"

/* most rows of a plane in a band: a sampling factor times a block's side */
#define NOVITA_BAND_ROWS (MAX_SAMP_FACTOR * DCTSIZE)

struct novita_fast_jpeg;

struct novita_jpeg {
  struct jpeg_decompress_struct cinfo;
  struct jpeg_error_mgr manager;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  struct novita_decoder *d;
  struct novita_error *e;   /* of the call under way */
  uint8_t *row;             /* where the row under way goes */
  uint8_t *cmyk;            /* a row before conversion, or NULL */
  uint8_t *samples;         /* of the band under way, or NULL */
  JSAMPROW rows[NOVITA_PLANES][NOVITA_BAND_ROWS];  /* point into it */
  struct novita_fast_jpeg *fast;  /* does the work instead, or NULL */
  size_t scan;              /* where in the file the header ends */
  int started;
};

/* the one place that libjpeg jumps to */
NOVITA_FUNC int novita_jpeg_guarded (struct novita_jpeg *j,
                                     void (*step) (struct novita_jpeg *j),
                                     struct novita_error *e);

/* the decoder's file, from its start */
NOVITA_FUNC void novita_jpeg_attach_source (struct novita_jpeg *j);
/* libjpeg goes on behind the header, wherever the file's window is */
NOVITA_FUNC int novita_jpeg_rewind (struct novita_jpeg *j,
                                    struct novita_error *e);

/* 1 or 3 where the file is gray or Y'CbCr, else 0 */
NOVITA_FUNC int novita_jpeg_count_planes (const struct novita_jpeg *j);
NOVITA_FUNC int novita_jpeg_planes (struct novita_decoder *d,
                                    struct novita_layout *layout,
                                    struct novita_error *e);
NOVITA_FUNC int novita_jpeg_band (struct novita_decoder *d,
                                  struct novita_plane_band *band,
                                  struct novita_error *e);

#endif
