/*
** huffman.h: Huffman codes of limited length for deflate, canonical and
** bit-reversed, as deflate writes them.
*/
#ifndef novita_image_png_huffman_h
#define novita_image_png_huffman_h

#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_PNG_HUFFMAN_MAX 288  /* symbols */

struct novita_png_huffman {
  uint16_t code[NOVITA_PNG_HUFFMAN_MAX];
  uint8_t length[NOVITA_PNG_HUFFMAN_MAX];  /* bits; 0 = unused */
};

/* Makes codes for 'n' symbols that occur 'count' times each. No code is longer
** than 'limit' bits, which must be enough for 'n' symbols. */
NOVITA_FUNC void novita_png_huffman_make (struct novita_png_huffman *h,
                                          const uint32_t *count, int n,
                                          int limit);

#endif
