/*
** huffman.h: Huffman codes of a limited length for deflate, canonical and with
** their bits reversed, as deflate writes them.
*/
#ifndef novita_image_png_huffman_h
#define novita_image_png_huffman_h

#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_HUFFMAN_MOST 288  /* symbols */

struct novita_huffman {
  uint16_t code[NOVITA_HUFFMAN_MOST];
  uint8_t length[NOVITA_HUFFMAN_MOST];  /* bits; 0 = the symbol is not used */
};

/* for 'n' symbols that occur 'count' times each; no code gets longer than
** 'limit' bits, which must be enough for 'n' symbols */
NOVITA_FUNC void novita_huffman_make (struct novita_huffman *h,
                                      const uint32_t *count, int n,
                                      int limit);

#endif
