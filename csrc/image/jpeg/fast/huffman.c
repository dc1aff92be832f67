/*
** huffman.c: see huffman.h
*/
#include <string.h>

#include "../../../base/cpu.h"
#include "huffman.h"
#include "idct.h"

#define LOOK NOVITA_HUFF_LOOKAHEAD
#define LONGEST 16
#define MAX_AC 10      /* bits of a coefficient in 8-bit images */
#define MAX_DC 11
#define END_RUN 128     /* zeros: to the end of the block */
#define PARTLY 64       /* flag of a lookahead entry: needs more bits */

/* zigzag order to the layout of idct.h; indexes after the 64th go to the spare
** coefficients */
#define P(n) NOVITA_IDCT_INDEX(n)
static const uint8_t natural_order[64 + END_RUN + 32] = {
  P(0), P(1), P(8), P(16), P(9), P(2), P(3), P(10),
  P(17), P(24), P(32), P(25), P(18), P(11), P(4), P(5),
  P(12), P(19), P(26), P(33), P(40), P(48), P(41), P(34),
  P(27), P(20), P(13), P(6), P(7), P(14), P(21), P(28),
  P(35), P(42), P(49), P(56), P(57), P(50), P(43), P(36),
  P(29), P(22), P(15), P(23), P(30), P(37), P(44), P(51),
  P(58), P(59), P(52), P(45), P(38), P(31), P(39), P(46),
  P(53), P(60), P(61), P(54), P(47), P(55), P(62), P(63),
#define X8 64, 64, 64, 64, 64, 64, 64, 64
  X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8, X8
#undef X8
#undef P
};


/* {====== tables ====== */
static int zeros_of (int symbol, bool is_dc) {
  if (is_dc) return 0;
  if (symbol == 0) return END_RUN;
  return symbol >> 4;
}


/* JPEG stores the magnitude; a leading 0 bit means negative */
static int extend (int v, int size) {
  return size > 0 && v < 1 << (size - 1) ? v - (1 << size) + 1 : v;
}


static bool is_usual (int symbol, bool is_dc) {
  int size = symbol & 15;
  if (is_dc) return symbol <= MAX_DC;
  if (size == 0) return symbol == 0 || symbol == 0xf0;
  return size <= MAX_AC;
}


static int32_t entry (int value, int zeros, int bits) {
  return (int32_t)((uint32_t)value << 16 | (uint32_t)zeros << 8 |
                   (uint32_t)bits);
}


/* fills all entries that start with a code of 'length' bits */
static void fill_lookahead (struct novita_huff_table *c, int code, int length,
                            int symbol, bool is_dc) {
  int size = symbol & 15, left = LOOK - length, i;
  int32_t *lookahead = c->lookahead + (code << left);
  for (i = 0; i < 1 << left; i++)
    lookahead[i] = left < size
      ? entry(size, zeros_of(symbol, is_dc), PARTLY | length)
      : entry(extend(i >> (left - size), size), zeros_of(symbol, is_dc),
              length + size);
}


/* An entry of 'lookahead_pair', from the top: the second coefficient and the
** first (16 bits each), the distance between them, zeros before the first, and
** bits (8 bits each). If two do not fit, the second repeats the first. Entries
** that cannot start a pair have 255 zeros, more than any block. */
static uint64_t join (const struct novita_huff_table *c, int look) {
  uint32_t first = (uint32_t)c->lookahead[look];
  int bits = (int)(first & 255), zeros = (int)(first >> 8 & 255);
  uint64_t values = (uint64_t)(first >> 16) << 32;
  uint32_t second;
  if (first & PARTLY || zeros >= END_RUN) return 255u << 8;
  second = (uint32_t)c->lookahead[look << bits & ((1 << LOOK) - 1)];
  if (second & PARTLY || bits + (int)(second & 255) > LOOK)
    return values << 16 | values | (uint64_t)zeros << 8 | (uint64_t)bits;
  values |= (uint64_t)(second >> 16) << 48;
  return values | (uint64_t)((second >> 8 & 255) + 1) << 16 |
         (uint64_t)zeros << 8 | (uint64_t)(bits + (int)(second & 255));
}


int novita_jpeg_huffman_make_table (struct novita_huff_table *c,
                                    const uint8_t bits[17],
                                    const uint8_t symbol[256], bool is_dc) {
  int length, code, n = 0;
  memset(c, 0, sizeof *c);
  for (code = 0; code < 1 << LOOK; code++) c->lookahead[code] = PARTLY;
  for (code = 0, length = 1; length <= LONGEST; length++) {
    int i;
    c->offset[length] = n - code;
    for (i = 0; i < bits[length]; i++, n++, code++) {
      if (n > 255 || code >= 1 << length || !is_usual(symbol[n], is_dc))
        return -1;
      c->symbol[n] = symbol[n];
      if (length <= LOOK) fill_lookahead(c, code, length, symbol[n], is_dc);
    }
    c->limit[length] = code;
    code <<= 1;
  }
  for (code = 0; code < 1 << LOOK && !is_dc; code++)
    c->lookahead_pair[code] = join(c, code);
  return 0;
}
/* }====== */


/* {====== symbols ====== */
#define RARE(condition) __builtin_expect(condition, 0)

/* Finds a code longer than the table in the next bits. Returns an entry without
** its value, or 0 if the code does not exist. */
static int32_t find_code (const struct novita_huff_table *c, uint64_t bits,
                          bool is_dc) {
  int length;
  for (length = LOOK + 1; length <= LONGEST; length++) {
    int code = (int)(bits >> (64 - length)), symbol;
    if (code >= c->limit[length]) continue;
    if (code + c->offset[length] < 0) return 0;
    symbol = c->symbol[(code + c->offset[length]) & 255];
    return entry(symbol & 15, zeros_of(symbol, is_dc), PARTLY | length);
  }
  return 0;
}


/* Completes an entry that needs more bits; 0 on broken data. */
__attribute__((noinline))
static int32_t complete (const struct novita_huff_table *c, uint64_t bits,
                         int32_t partly, bool is_dc) {
  int length, size, value = 0;
  if (partly == PARTLY) partly = find_code(c, bits, is_dc);
  if (partly == 0) return 0;
  length = partly & 63;
  size = partly >> 16;
  if (size > 0) value = extend((int)(bits << length >> (64 - size)), size);
  return entry(value, partly >> 8 & 255, length + size);
}


/* Reads an entry of a table and drops its bits. 0 on broken data. */
NOVITA_INLINE int32_t next (struct novita_bit_reader *r,
                            const struct novita_huff_table *c, bool is_dc) {
  int32_t found = c->lookahead[r->bits >> (64 - LOOK)];
  if (RARE(found & PARTLY)) found = complete(c, r->bits, found, is_dc);
  novita_bits_drop(r, found & 63);
  return found;
}
/* }====== */


/* like memset, which some compilers make slow */
NOVITA_INLINE void clear (int16_t *coef) {
  static const int16_t zeros[8];
  int i;
  NOVITA_UNROLL
  for (i = 0; i < 64; i += 8) memcpy(coef + i, zeros, sizeof zeros);
}


/* Reads one coefficient or two. Returns the index of the next one: above 63 at
** the end of the block, 0 on broken data. Two coefficients take at most LOOK
** bits; after a single one, more bits are fetched. Indexes have the width of
** pointers, which saves an instruction at each use. */
NOVITA_INLINE uint64_t read_some (struct novita_bit_reader *r,
                                  const struct novita_huff_table *ac,
                                  int16_t *coef, uint64_t k) {
  uint64_t two = ac->lookahead_pair[r->bits >> (64 - LOOK)];
  uint64_t at = k + (two >> 8 & 255);
  int32_t one;
  if (!RARE(at >= 63)) {  /* else the second belongs to the next block */
    r->bits <<= two & 63;
    r->count -= (int)(two & 255);
    coef[natural_order[at]] = (int16_t)(two >> 32);
    at += two >> 16 & 255;
    coef[natural_order[at]] = (int16_t)(two >> 48);
    return at + 1;
  }
  one = next(r, ac, 0);
  if (RARE(one == 0)) return 0;
  k += (uint64_t)(one >> 8 & 255);
  coef[natural_order[k]] = (int16_t)(one >> 16);
  if (k < 63) novita_bits_refill(r);
  return k + 1;
}


NOVITA_INLINE int read_block (struct novita_bit_reader *reader,
                              const struct novita_huff_table *dc,
                              const struct novita_huff_table *ac, int *dc_pred,
                              int16_t *coef) {
  struct novita_bit_reader r = *reader;
  uint64_t k = 1;
  int32_t found;
  clear(coef);
  novita_bits_refill(&r);
  found = next(&r, dc, 1);
  if (found == 0) return -1;
  *dc_pred = (int16_t)(*dc_pred + (found >> 16));  /* may wrap: damaged */
  coef[0] = (int16_t)*dc_pred;
  do {  /* 49 bits, 38, 27: always enough for the longest symbol, 26 */
    novita_bits_refill(&r);
    k = read_some(&r, ac, coef, k);
    if (k > 63 || k == 0) break;
    k = read_some(&r, ac, coef, k);
    if (k > 63 || k == 0) break;
    k = read_some(&r, ac, coef, k);
  } while (k <= 63 && k != 0);
  *reader = r;
  if (k == 0 || (k > 64 && k <= END_RUN)) return -1;  /* too many zeros */
  return k == 1 + END_RUN + 1;
}


NOVITA_INLINE int read_blocks (struct novita_bit_reader *reader,
                               struct novita_huff_block *block, int n) {
  struct novita_bit_reader r = *reader;
  int i;
  for (i = 0; i < n; i++, block++) {
    block->flat = read_block(&r, block->dc, block->ac, block->dc_pred,
                             block->coef);
    if (block->flat < 0) return -1;
  }
  *reader = r;
  return 0;
}


static int blocks_plain (struct novita_bit_reader *r,
                         struct novita_huff_block *block, int n) {
  return read_blocks(r, block, n);
}


#if defined(NOVITA_HAVE_X86)
/* the same with shifts that do not set flags or need a fixed register */
__attribute__((target("bmi,bmi2")))
static int blocks_bmi2 (struct novita_bit_reader *r,
                        struct novita_huff_block *block, int n) {
  return read_blocks(r, block, n);
}
#endif


novita_jpeg_huffman_decode_blocks *novita_jpeg_huffman_choose (void) {
#if defined(NOVITA_HAVE_X86)
  if (novita_cpu_has_bmi2()) return blocks_bmi2;
#endif
  return blocks_plain;
}
