/*
** huffman.h: decodes the Huffman-coded part of a baseline JPEG: builds tables
** and reads blocks of coefficients. For nearly all symbols, one lookup of the
** next bits gives the number of zeros to skip, the coefficient and the number
** of bits used. On errors the caller falls back to libjpeg, so nothing here
** says what is wrong.
*/
#ifndef novita_image_jpeg_fast_huffman_h
#define novita_image_jpeg_fast_huffman_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../base/func.h"
#include "bits.h"

#define NOVITA_HUFF_LOOKAHEAD 11   /* bits of a lookup */

struct novita_huff_table {
  /* coefficient << 16 | zeros before it << 8 | bits of both. If that is more
  ** than a lookup sees: size << 16 | zeros << 8 | 64 | bits of the code; 64
  ** alone for a longer code. */
  int32_t lookahead[1 << NOVITA_HUFF_LOOKAHEAD];
  /* two coefficients at once: see 'join' in huffman.c */
  uint64_t lookahead_pair[1 << NOVITA_HUFF_LOOKAHEAD];
  int32_t limit[18];       /* by code length: one above the last code */
  int32_t offset[18];      /* from a code to its index in 'symbol' */
  uint8_t symbol[256];
};

/* There are 'bits[i]' codes of i bits, 1 to 16. 'is_dc' selects a table for DC
** or AC coefficients. 0, or -1 if the table is unusual. */
NOVITA_FUNC int novita_jpeg_huffman_make_table (struct novita_huff_table *c,
                                                const uint8_t bits[17],
                                                const uint8_t symbol[256],
                                                bool is_dc);

/* a block to read */
struct novita_huff_block {
  const struct novita_huff_table *dc, *ac;
  int *dc_pred;            /* DC of the component's block before this one */
  int flat;                /* set: 1 if all AC coefficients are zero, or 0 */
  int16_t coef[80];        /* set: 64 coefficients in the layout of idct.h, and
                           ** 16 more that are unused */
};

/* Reads 'n' blocks. 0, or -1 on broken data. */
typedef int novita_jpeg_huffman_decode_blocks (struct novita_bit_reader *r,
                                               struct novita_huff_block *block,
                                               int n);

/* the version for the instructions in use (base/cpu.h) */
NOVITA_FUNC novita_jpeg_huffman_decode_blocks *
novita_jpeg_huffman_choose (void);

#endif
