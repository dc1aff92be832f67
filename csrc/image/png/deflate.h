/*
** deflate.h: a zlib stream, coded for photographs: Huffman codes made for each
** block of 64 KiB, and runs of one byte. It looks for no other matches: the
** filtered rows of a photo have almost none, and the search for them is what
** makes zlib slow. docs/image-design.md has the figures.
**
**   novita_deflate_open      the header
**   novita_deflate_write     any number of bytes, any number of times
**   novita_deflate_finish    the last block and the checksum
**   novita_deflate_close     at any time after open, and twice
**
** Output goes to 'sink', one block at a time.
*/
#ifndef novita_image_png_deflate_h
#define novita_image_png_deflate_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"
#include "bits.h"

#define NOVITA_DEFLATE_BLOCK 65535  /* also the maximum of a stored block */
#define NOVITA_DEFLATE_SYMBOLS 286
#define NOVITA_DEFLATE_RUN 258          /* the maximum length */

/* how the length of a run is coded: a symbol and extra bits */
struct novita_deflate_length { uint16_t symbol, base; uint8_t extra; };

struct novita_deflate_run { uint32_t at, length; };

struct novita_deflate {
  int (*sink) (void *context, const uint8_t *bytes, size_t n,
               struct novita_error *e);
  void *context;
  uint8_t *block;          /* the current block */
  size_t len;
  struct novita_deflate_run *run;  /* those of the block */
  size_t runs;
  uint8_t *out;            /* coded bytes */
  struct novita_bit_writer bits;
  uint32_t adler;
  struct novita_deflate_length length[NOVITA_DEFLATE_RUN + 1];
};

NOVITA_FUNC int novita_deflate_open (
  struct novita_deflate *z,
  int (*sink) (void *context, const uint8_t *bytes, size_t n,
               struct novita_error *e),
  void *context, struct novita_error *e);
NOVITA_FUNC int novita_deflate_write (struct novita_deflate *z,
                                      const uint8_t *bytes, size_t n,
                                      struct novita_error *e);
NOVITA_FUNC int novita_deflate_finish (struct novita_deflate *z,
                                       struct novita_error *e);
NOVITA_FUNC void novita_deflate_close (struct novita_deflate *z);

#endif
