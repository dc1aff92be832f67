/*
** huffman_write.c: see huffman_write.h
*/
#include <string.h>

#include "huffman_write.h"

#define LONGEST 16
#define MAX_AC 10      /* bits of a coefficient in 8-bit images */
#define MAX_DC 11
#define LARGEST_CODE 27   /* with the bits that follow it */
#define AC 16          /* where the codes of AC coefficients start */
#define END 0
#define SIXTEEN_ZEROS 0xf0

static const uint8_t natural_order[64] = {
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
  58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
};


/* {====== tables ====== */
static void set_codes (uint32_t *codes, int count, const uint8_t bits[17],
                       const uint8_t symbol[256]) {
  uint32_t code = 0, length;
  int i, n = 0;
  for (i = 0; i < count; i++) codes[i] = 0;
  for (length = 1; length <= LONGEST; length++, code <<= 1)
    for (i = 0; i < bits[length] && n < 256; i++, n++, code++) {
      uint32_t size = symbol[n] & 15;
      if (symbol[n] < count)
        codes[symbol[n]] = code << (5 + size) | (length + size);
    }
}


int novita_huffman_write_dc_codes (struct novita_huffman_codes *c,
                                  const uint8_t bits[17],
                                  const uint8_t symbol[256]) {
  int size;
  set_codes(c->dc, 16, bits, symbol);
  for (size = 0; size <= MAX_DC; size++)
    if (c->dc[size] == 0) return -1;
  return 0;
}


int novita_huffman_write_ac_codes (struct novita_huffman_codes *c,
                                  const uint8_t bits[17],
                                  const uint8_t symbol[256]) {
  uint32_t *ac = c->ac + AC;
  int i;
  set_codes(ac, 256, bits, symbol);
  if (ac[END] == 0 || ac[SIXTEEN_ZEROS] == 0) return -1;
  for (i = 0; i < 256; i++)
    if ((i & 15) > 0 && (i & 15) <= MAX_AC && ac[i] == 0) return -1;
  return 0;
}


void novita_huffman_write_zigzag (struct novita_zigzag_bits *z) {
  int i, k;
  memset(z, 0, sizeof *z);
  for (k = 0; k < 64; k++)
    for (i = 0; i < 256; i++)
      if (i >> (natural_order[k] & 7) & 1)
        z->row[natural_order[k] >> 3][i] |= (uint64_t)1 << k;
}
/* }====== */


/* The instructions that every processor with AVX2 has: novita_fdct_choose */
#if defined(NOVITA_HAVE_X86)
#define BMI __attribute__((target("bmi,bmi2")))
#else
#define BMI
#endif
#define INLINE static inline __attribute__((always_inline))

/* {====== bits ====== */

/* bits that a value from -2048 to 2047 needs; negative ones are less 1 */
#define S4(n) n, n, n, n
#define S16(n) S4(n), S4(n), S4(n), S4(n)
#define S64(n) S16(n), S16(n), S16(n), S16(n)
#define S256(n) S64(n), S64(n), S64(n), S64(n)
static const uint8_t sizes[4096] = {
  S256(11), S256(11), S256(11), S256(11), S256(10), S256(10), S256(9), S64(8),
  S64(8), S64(7), S16(6), S16(6), S16(5), S4(4), S4(4), S4(3), 2, 2, 1, 0,
  0, 1, 2, 2, S4(3), S4(4), S4(4), S16(5), S16(6), S16(6), S64(7), S64(8),
  S64(8), S256(9), S256(10), S256(10), S256(11), S256(11), S256(11), S256(11)
};


#define SIZE_OF(value) (sizes + 2048)[value]


/* Stores the complete bytes. */
BMI INLINE void flush (struct novita_huffman_writer *w) {
  uint64_t last = __builtin_bswap64(w->bits << (-w->count & 63));
  memcpy(w->p, &last, sizeof last);
  w->p += w->count >> 3;
  w->count &= 7;
}


/* appends the bits of 'entry': a code, and the lowest 'size' bits of 'value' */
BMI INLINE void put (struct novita_huffman_writer *w, uint32_t entry,
                     int64_t value, uint64_t size) {
  uint64_t n = entry & 31;
  uint64_t low = (uint64_t)value & (((uint64_t)1 << size) - 1);
  if (w->count > 64 - LARGEST_CODE) flush(w);
  w->bits = w->bits << n | (entry >> 5 | low);
  w->count += n;
}


BMI INLINE uint64_t in_zigzag (const struct novita_zigzag_bits *z,
                               uint64_t used) {
  uint64_t bits = 0;
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 8; i++) bits |= z->row[i][used >> (8 * i) & 255];
  return bits;
}


BMI INLINE void put_dc (struct novita_huffman_writer *w,
                        const struct novita_huffman_block *block) {
  int dc = block->from->value[0] + (block->from->value[0] < 0);
  int difference = dc - *block->dc_pred;
  int64_t value = difference - (difference < 0);
  uint64_t size = SIZE_OF(value);
  put(w, block->codes->dc[size], value, size);
  *block->dc_pred = dc;
}


/* 'left': the coefficients that are not 0 */
BMI INLINE void put_ac (struct novita_huffman_writer *w,
                        const struct novita_huffman_block *block,
                        uint64_t left) {
  const uint32_t *ac = block->codes->ac;
  uint64_t last = 0;
  while (left != 0) {
    uint64_t k = (uint64_t)__builtin_ctzll(left);
    int64_t value = block->from->value[natural_order[k]];
    uint64_t size = SIZE_OF(value);
    for (; __builtin_expect(k - last > 16, 0); last += 16)
      put(w, ac[AC + SIXTEEN_ZEROS], 0, 0);
    put(w, ac[(k - last) << 4 | size], value, size);
    last = k;
    left &= left - 1;
  }
  if (last < 63) put(w, ac[AC + END], 0, 0);
}


BMI void novita_huffman_write_blocks (
  struct novita_huffman_writer *writer, const struct novita_zigzag_bits *z,
  const struct novita_huffman_block *block, int n) {
  struct novita_huffman_writer w = *writer;
  for (; n > 0; n--, block++) {
    if (__builtin_expect(block->from->outside, 0)) {
      put(&w, block->codes->dc[0], 0, 0);
      put_ac(&w, block, 0);
    } else {
      put_dc(&w, block);
      put_ac(&w, block, in_zigzag(z, block->from->used & ~(uint64_t)1));
    }
  }
  *writer = w;
}


BMI void novita_huffman_write_end (struct novita_huffman_writer *w) {
  flush(w);
  if (w->count > 0)
    *w->p++ = (uint8_t)(w->bits << (8 - w->count) | 0xff >> w->count);
  w->count = 0;
}
/* }====== */


static uint8_t *stuff (uint8_t *to, const uint8_t *bytes, size_t n) {
  for (; n > 0; n--)
    if ((*to++ = *bytes++) == 0xff) *to++ = 0;
  return to;
}


/* Eight bytes at a time, unless one of them is 0xff. */
size_t novita_huffman_write_stuffed (uint8_t *to, const uint8_t *bytes,
                                     size_t n) {
  uint8_t *start = to;
  for (; n >= 8; n -= 8, bytes += 8) {
    uint64_t v;
    memcpy(&v, bytes, sizeof v);
    memcpy(to, &v, sizeof v);
    if (((~v - 0x0101010101010101u) & v & 0x8080808080808080u) == 0) to += 8;
    else to = stuff(to, bytes, 8);
  }
  return (size_t)(stuff(to, bytes, n) - start);
}
