/*
** baseline.h: baseline JPEGs without libjpeg: 8 bits, Huffman codes, one scan
** with all components. Bands come out to the bit as libjpeg-turbo gives them,
** in three quarters of the time, and samples that nobody wants are not made.
**
** It knows only whole and valid files. On anything else it says so, and the
** caller goes back to libjpeg, which knows what to do and what to say. Built
** with NOVITA_NO_FAST_JPEG, or run with NOVITA_JPEG=libjpeg in the environment,
** it refuses all files.
*/
#ifndef novita_image_jpeg_baseline_h
#define novita_image_jpeg_baseline_h

#include "guard.h"

/* NULL where the file is not for it (or memory is short). libjpeg has read the
** header and nothing more; 'cinfo' must stay. */
NOVITA_FUNC struct novita_jpeg_baseline *novita_jpeg_baseline_open (
  const struct novita_jpeg *j);
NOVITA_FUNC void novita_jpeg_baseline_close (struct novita_jpeg_baseline *f);

/* The next band into 'rows'; the last one only if the picture ends behind it.
** 0, or -1: start again with libjpeg. */
NOVITA_FUNC int novita_jpeg_baseline_row_block (
  struct novita_jpeg_baseline *f, JSAMPROW rows[][NOVITA_JPEG_ROW_BLOCK]);

#endif
