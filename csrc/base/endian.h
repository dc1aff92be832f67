/*
** endian.h: numbers in files, of the most or the least significant byte first.
*/
#ifndef novita_base_endian_h
#define novita_base_endian_h

#include <stdint.h>


static inline unsigned novita_endian_big16 (const uint8_t *p) {
  return (unsigned)p[0] << 8 | p[1];
}


static inline uint32_t novita_endian_big32 (const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
         p[3];
}


static inline unsigned novita_endian_little16 (const uint8_t *p) {
  return (unsigned)p[1] << 8 | p[0];
}


static inline uint32_t novita_endian_little32 (const uint8_t *p) {
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
         p[0];
}

#endif
