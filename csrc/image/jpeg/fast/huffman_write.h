/*
** huffman_write.h: writes the Huffman-coded part of a baseline JPEG: tables and
** blocks. A coefficient takes one lookup of its size and one of its code. Zeros
** are skipped at once: a block has a bit for each value that is not 0. The zero
** that must follow a byte of 0xff is added later, for many bytes at once.
*/
#ifndef novita_image_jpeg_fast_huffman_write_h
#define novita_image_jpeg_fast_huffman_write_h

#include <stddef.h>
#include <stdint.h>

#include "fdct.h"

/* the most bytes that a block takes, and those that are stored after it */
#define NOVITA_HUFFMAN_LARGEST_BLOCK 256

/* Codes by symbol, already moved up by the bits that follow them:
** code << 5 | bits of all. 0 = no code. */
struct novita_huffman_codes {
  uint32_t dc[16];
  uint32_t ac[16 + 256];       /* from the symbol 16 less than the index */
};

struct novita_huffman_writer {
  uint8_t *p;
  uint64_t bits;               /* the last ones, at the bottom */
  uint64_t count;              /* of those that are not yet stored */
};

/* a block to be written */
struct novita_huffman_block {
  const struct novita_fdct_block *from;
  const struct novita_huffman_codes *codes;
  int *dc_pred;                /* DC of the component's block before */
};

/* by row: the coefficients that a byte of 'used' has, in zigzag order */
struct novita_zigzag_bits {
  uint64_t row[8][256];
};

/* There are 'bits[i]' codes of i bits, 1 to 16. 0, or -1 if a symbol of an
** 8-bit image has none. */
NOVITA_FUNC int novita_huffman_write_dc_codes (struct novita_huffman_codes *c,
                                              const uint8_t bits[17],
                                              const uint8_t symbol[256]);
NOVITA_FUNC int novita_huffman_write_ac_codes (struct novita_huffman_codes *c,
                                              const uint8_t bits[17],
                                              const uint8_t symbol[256]);
NOVITA_FUNC void novita_huffman_write_zigzag (struct novita_zigzag_bits *z);

/* Writes 'n' blocks. One outside the image has the DC of the block before it,
** and no AC coefficients. */
NOVITA_FUNC void novita_huffman_write_blocks (
  struct novita_huffman_writer *w, const struct novita_zigzag_bits *z,
  const struct novita_huffman_block *block, int n);
/* stores the rest, and completes the last byte with ones */
NOVITA_FUNC void novita_huffman_write_end (struct novita_huffman_writer *w);

/* copies 'n' bytes, with a zero after each 0xff; returns the bytes written */
NOVITA_FUNC size_t novita_huffman_write_stuffed (uint8_t *to,
                                                 const uint8_t *bytes,
                                                 size_t n);
#endif
