/*
** chunks.h: finds one chunk of a PNG or WebP file in memory, without decoding
** anything. The EXIF chunk may come after the pixels, where the libraries' row
** readers would report the orientation too late.
*/
#ifndef novita_image_codec_chunks_h
#define novita_image_codec_chunks_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

/* the chunk's bytes and '*len', or NULL */
NOVITA_FUNC const uint8_t *novita_chunks_find_png (const uint8_t *file,
                                                   size_t size,
                                                   const char *name,
                                                   size_t *len);
NOVITA_FUNC const uint8_t *novita_chunks_find_webp (const uint8_t *file,
                                                    size_t size,
                                                    const char *name,
                                                    size_t *len);

#endif
