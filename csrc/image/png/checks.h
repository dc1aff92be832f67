/*
** checks.h: the checksums of a PNG file: Adler-32 for its pixels and CRC-32 for
** its chunks, as zlib computes them, in a fifth of zlib's time on processors
** with AVX2 and carry-less multiplication.
*/
#ifndef novita_image_png_checks_h
#define novita_image_png_checks_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

/* continue a sum; the first one is 1 */
NOVITA_FUNC uint32_t novita_png_checks_adler (uint32_t sum, const uint8_t *p,
                                              size_t n);
/* continue a sum; the first one is 0 */
NOVITA_FUNC uint32_t novita_png_checks_crc (uint32_t sum, const uint8_t *p,
                                            size_t n);

#endif
