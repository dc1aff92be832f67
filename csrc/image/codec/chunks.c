/*
** chunks.c: see chunks.h
*/
#include <string.h>

#include "../../base/endian.h"
#include "chunks.h"


/* length, name, data, checksum */
const uint8_t *novita_chunks_find_png (const uint8_t *file, size_t size,
                                       const char *name, size_t *len) {
  size_t at = 8;
  while (size >= at && size - at >= 12) {
    size_t n = novita_endian_big32(file + at);
    if (n > size - at - 12) return NULL;
    if (memcmp(file + at + 4, name, 4) == 0) {
      *len = n;
      return file + at + 8;
    }
    at += n + 12;
  }
  return NULL;
}


/* name, length, data, and a padding byte if the length is odd */
const uint8_t *novita_chunks_find_webp (const uint8_t *file, size_t size,
                                        const char *name, size_t *len) {
  size_t at = 12;
  while (size >= at && size - at >= 8) {
    size_t n = novita_endian_little32(file + at + 4);
    if (n > size - at - 8) return NULL;
    if (memcmp(file + at, name, 4) == 0) {
      *len = n;
      return file + at + 8;
    }
    at += n + 8 + (n & 1);
  }
  return NULL;
}
