/*
** guard.h: a JPEG that libjpeg reads, and how libjpeg is called: it leaves
** through longjmp, so every call is made by novita_jpeg_guard_call.
*/
#ifndef novita_image_jpeg_guard_h
#define novita_image_jpeg_guard_h

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "../codec/decoder.h"

/* most rows of a plane in a band: a sampling factor times a block's side */
#define NOVITA_JPEG_ROW_BLOCK (MAX_SAMP_FACTOR * DCTSIZE)

struct novita_jpeg_baseline;

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
  JSAMPROW rows[NOVITA_PLANES][NOVITA_JPEG_ROW_BLOCK];  /* point into it */
  struct novita_jpeg_baseline *fast;  /* does the work instead, or NULL */
  size_t scan;              /* where in the file the header ends */
  bool started;
};

/* the one place that libjpeg jumps to */
NOVITA_FUNC int novita_jpeg_guard_call (struct novita_jpeg *j,
                                        void (*step) (struct novita_jpeg *j),
                                        struct novita_error *e);

/* libjpeg's errors, warnings and scans come to us */
NOVITA_FUNC void novita_jpeg_guard_attach (struct novita_jpeg *j,
                                           struct novita_decoder *d);

#endif
