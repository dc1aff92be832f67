/*
** bits.h: writes the bits of a deflate stream, the first at the bottom of a
** byte. A loop keeps its writer in a local variable, all of it in registers, so
** everything is inline.
*/
#ifndef novita_image_png_bits_h
#define novita_image_png_bits_h

#include <stdint.h>
#include <string.h>

#define NOVITA_PNG_INLINE static inline __attribute__((always_inline))

struct novita_bit_writer {
  uint8_t *next;           /* where the next byte goes */
  uint64_t wait;           /* bits that do not fill a byte yet */
  int count;               /* number of those bits */
};


NOVITA_PNG_INLINE void novita_png_bits_add (struct novita_bit_writer *b,
                                            unsigned value, int n) {
  b->wait |= (uint64_t)value << b->count;
  b->count += n;
}


/* Leaves fewer than 8 bits waiting. Writes 8 bytes and uses some of them; at
** most 63 bits may be waiting. */
NOVITA_PNG_INLINE void novita_png_bits_drain (struct novita_bit_writer *b) {
  int n = b->count >> 3;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  memcpy(b->next, &b->wait, sizeof b->wait);
#else
  int i;
  for (i = 0; i < 8; i++) b->next[i] = (uint8_t)(b->wait >> 8 * i);
#endif
  b->next += n;
  b->wait >>= 8 * n;
  b->count &= 7;
}

#endif
