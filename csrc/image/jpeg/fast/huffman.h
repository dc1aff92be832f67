/*
** huffman.h: the Huffman-coded part of a baseline JPEG: tables made for
** speed, and blocks of coefficients out of bits. One look at the next bits
** gives, for nearly all symbols, how many zeros to skip, the coefficient and
** the bits used, all at once.
** Whoever finds something wrong falls back to libjpeg, so nothing here explains
** what it is.
*/
#ifndef novita_image_jpeg_fast_huffman_h
#define novita_image_jpeg_fast_huffman_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../base/func.h"
#include "bits.h"

#define NOVITA_HUFF_LOOKAHEAD 11   /* bits looked at */

struct novita_huff_table {
  /* coefficient << 16 | zeros before it << 8 | bits of both. Where those are
  ** more than were looked at: size << 16 | zeros << 8 | 64 | bits of the code,
  ** or 64 alone for a longer code. */
  int32_t lookahead[1 << NOVITA_HUFF_LOOKAHEAD];
  /* two at once: see 'join' in huffman.c */
  uint64_t lookahead_pair[1 << NOVITA_HUFF_LOOKAHEAD];
  int32_t limit[18];       /* of codes of a length: one above the last */
  int32_t offset[18];      /* from a code to its place in 'symbol' */
  uint8_t symbol[256];
};

/* 'bits[i]' codes have i bits, 1 to 16; 'is_dc' tells the kind. 0, or -1 where
** the table is not a usual one. */
NOVITA_FUNC int novita_jpeg_huffman_make_table (struct novita_huff_table *c,
                                                const uint8_t bits[17],
                                                const uint8_t symbol[256],
                                                bool is_dc);

/* One block: 64 coefficients in the places of idct.h, and 16 more that are
** nothing. '*mean' is the first coefficient of the block before. 0, or 1 where
** that coefficient is the only one, or -1 on broken data. */
typedef int novita_jpeg_huffman_decode_block (
  struct novita_bit_reader *r, const struct novita_huff_table *dc,
  const struct novita_huff_table *ac, int *dc_pred, int16_t coef[80]);

/* the version for the instructions in use (base/cpu.h) */
NOVITA_FUNC novita_jpeg_huffman_decode_block *novita_jpeg_huffman_choose (void);

#endif
