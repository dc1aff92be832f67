/*
** bits.h: reads the bits of a JPEG's coded pixels. It never reads past 'end':
** after it, and after a marker, the bits are zeros, which 'past' counts.
**
** A decoding loop keeps its reader in a local variable, all of it in registers.
** So everything needed per symbol is inline here, and the rest gets a copy,
** because a pointer to the reader would force it into memory.
*/
#ifndef novita_image_jpeg_fast_bits_h
#define novita_image_jpeg_fast_bits_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../../base/func.h"

#define NOVITA_INLINE static inline __attribute__((always_inline))

struct novita_bit_reader {
  const uint8_t *p, *end;
  uint64_t bits;           /* the next bits, from the top */
  int count;               /* number of them */
  int past;                /* zeros added after the end */
};

NOVITA_FUNC void novita_bits_refill_slowly (struct novita_bit_reader *r);

/* Skips restart marker 'n' (0 to 7) and starts with its next byte. 0, or -1 if
** there is something else. */
NOVITA_FUNC int novita_bits_restart (struct novita_bit_reader *r, int n);
/* If no marker follows: can the bits used so far be all there are? The standard
** pads the last byte with ones. If that byte is full, the last bytes must not
** be zeros, because a file that was never written to its end has zeros there.
** 'start' is the first byte in memory; 'is_last' says that nothing follows
** 'end'. */
NOVITA_FUNC bool novita_bits_at_end (const struct novita_bit_reader *r,
                                     const uint8_t *start, bool is_last);
/* does the marker follow, with all bits used and none added? */
NOVITA_FUNC bool novita_bits_at_marker (const struct novita_bit_reader *r,
                                        int marker);

NOVITA_INLINE uint64_t novita_bits_load (const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}


/* Leaves 49 to 63 bits. Bits below the count may already be set: they are the
** ones that come next. */
NOVITA_INLINE void novita_bits_refill (struct novita_bit_reader *r) {
  if (r->end - r->p >= 8) {
    uint64_t v = novita_bits_load(r->p);
    if (((~v - 0x0101010101010101u) & v & 0x8080808080808080u) == 0) {
      r->bits |= v >> r->count;
      r->p += (63 - r->count) >> 3;
      r->count |= 56;
      return;
    }
  }
  if (r->count <= 48) {
    struct novita_bit_reader copy = *r;
    novita_bits_refill_slowly(&copy);
    *r = copy;
  }
}


NOVITA_INLINE void novita_bits_drop (struct novita_bit_reader *r, int n) {
  r->bits <<= n;
  r->count -= n;
}

#endif
