/*
** literals.h: writes bytes as Huffman codes.
*/
#ifndef novita_image_png_literals_h
#define novita_image_png_literals_h

#include "../../base/func.h"
#include "bits.h"

/* 'code': by byte, its code << 8 | the length of that, up to 12 bits */
typedef void novita_png_literals_put (struct novita_bit_writer *b,
                                      const uint32_t code[256],
                                      const uint8_t *p, const uint8_t *end);

/* the version for the instructions in use (base/cpu.h) */
NOVITA_FUNC novita_png_literals_put *novita_png_literals_choose (void);

#endif
