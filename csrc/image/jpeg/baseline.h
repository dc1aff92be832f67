/*
** baseline.h: decodes baseline JPEGs without libjpeg: 8 bits, Huffman codes,
** one scan with all components. Row blocks are bit-exact with libjpeg-turbo,
** take three quarters of the time, and omit samples outside the caller's
** window.
**
** It only handles complete and valid files. For all others it returns an error,
** and the caller falls back to libjpeg, which decodes them or reports what is
** wrong. Built with NOVITA_NO_FAST_JPEG, or run with NOVITA_JPEG=libjpeg in the
** environment, it handles no file.
*/
#ifndef novita_image_jpeg_baseline_h
#define novita_image_jpeg_baseline_h

#include "guard.h"

/* must libjpeg do everything? writer.h asks this too */
NOVITA_FUNC bool novita_jpeg_baseline_is_switched_off (void);

/* NULL if the file is not of this kind, or on out-of-memory. libjpeg has read
** only the header; 'cinfo' must stay valid. */
NOVITA_FUNC struct novita_jpeg_baseline *novita_jpeg_baseline_open (
  const struct novita_jpeg *j);
NOVITA_FUNC void novita_jpeg_baseline_close (struct novita_jpeg_baseline *f);

/* Decodes the next row block to 'rows'. The last one succeeds only if the coded
** pixels end after it. 0, or -1: start again with libjpeg. */
NOVITA_FUNC int novita_jpeg_baseline_row_block (
  struct novita_jpeg_baseline *f, JSAMPROW rows[][NOVITA_JPEG_ROW_BLOCK]);
/* is there anything but an end marker after the last row block? */
NOVITA_FUNC bool novita_jpeg_baseline_is_unended (
  const struct novita_jpeg_baseline *f);

/* For a file that libjpeg decodes, and that turns out to have no end marker:
** open after the header, as above, but for images of any scale; passes reads
** all codes again. Do they end after the last row block? */
NOVITA_FUNC struct novita_jpeg_baseline *novita_jpeg_baseline_open_check (
  const struct novita_jpeg *j);
NOVITA_FUNC bool novita_jpeg_baseline_passes (struct novita_jpeg_baseline *f,
                                              size_t scan);

#endif
