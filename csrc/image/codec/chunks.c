/*
** chunks.c: see chunks.h
*/
#include <string.h>

#include "chunks.h"


static uint32_t big (const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
         p[3];
}


static uint32_t little (const uint8_t *p) {
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
         p[0];
}


/* length, name, data, checksum */
const uint8_t *novita_chunks_find_png (const uint8_t *file, size_t size,
                                       const char *name, size_t *len) {
  size_t at = 8;
  while (size >= at && size - at >= 12) {
    size_t n = big(file + at);
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
    size_t n = little(file + at + 4);
    if (n > size - at - 8) return NULL;
    if (memcmp(file + at, name, 4) == 0) {
      *len = n;
      return file + at + 8;
    }
    at += n + 8 + (n & 1);
  }
  return NULL;
}
