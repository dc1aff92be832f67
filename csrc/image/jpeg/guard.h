/*
** guard.h: a JPEG being decoded, and how libjpeg is called. libjpeg reports
** errors with longjmp, so novita_jpeg_guard_call makes every call to it.
*/
#ifndef novita_image_jpeg_guard_h
#define novita_image_jpeg_guard_h

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "../codec/decoder.h"

/* the most rows of a plane in a row block: a sampling factor times a block's
** side */
#define NOVITA_JPEG_ROW_BLOCK (MAX_SAMP_FACTOR * DCTSIZE)

/* the samples of a component's block across and down, and the fewest of any
** component */
#if JPEG_LIB_VERSION >= 70
#define NOVITA_JPEG_SIDE_X(ci) ((ci)->DCT_h_scaled_size)
#define NOVITA_JPEG_SIDE_Y(ci) ((ci)->DCT_v_scaled_size)
#define NOVITA_JPEG_LEAST_SIDE(cinfo) ((cinfo)->min_DCT_v_scaled_size)
#else
#define NOVITA_JPEG_SIDE_X(ci) ((ci)->DCT_scaled_size)
#define NOVITA_JPEG_SIDE_Y(ci) ((ci)->DCT_scaled_size)
#define NOVITA_JPEG_LEAST_SIDE(cinfo) ((cinfo)->min_DCT_scaled_size)
#endif

struct novita_jpeg_baseline;

struct novita_jpeg {
  struct jpeg_decompress_struct cinfo;
  struct jpeg_error_mgr manager;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  struct novita_decoder *d;
  struct novita_error *e;   /* of the current call */
  uint8_t *row;             /* output of the current row */
  uint8_t *cmyk;            /* a row before conversion, or NULL */
  uint8_t *samples;         /* of the current row block, or NULL */
  JSAMPROW rows[NOVITA_PLANES][NOVITA_JPEG_ROW_BLOCK];  /* in 'samples' */
  struct novita_jpeg_baseline *fast;  /* decodes instead of libjpeg, or NULL */
  struct novita_jpeg_baseline *check; /* for a file without end marker, or
                                      ** NULL */
  size_t scan;              /* offset of the end of the header */
  bool several_scans;
  bool started;
  bool ended;               /* the file has ended without an end marker */
};

/* calls 'step'; 0, or -1 if libjpeg reported an error */
NOVITA_FUNC int novita_jpeg_guard_call (struct novita_jpeg *j,
                                        void (*step) (struct novita_jpeg *j),
                                        struct novita_error *e);

/* bytes of all coefficients, which libjpeg holds for several scans */
NOVITA_FUNC uint64_t novita_jpeg_guard_coefficients (
  const struct novita_jpeg *j);

/* takes over libjpeg's errors, warnings and progress */
NOVITA_FUNC void novita_jpeg_guard_attach (struct novita_jpeg *j,
                                           struct novita_decoder *d);

#endif
