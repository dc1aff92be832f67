/*
** deflate.c: see deflate.h. A block is first converted to tokens, which are
** counted: a byte from 0 to 255, or 256 + the length of a run of the previous
** byte. Then it is coded, or stored if coding would not make it smaller.
*/
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "deflate.h"
#include "huffman.h"

#define LONGEST_CODE 12   /* so that four literals fit between two flushes */
#define LENGTH_CODES 19   /* symbols of the code for the code lengths */
#define END 256
#define SHORTEST_RUN 4
#define ROOM (NOVITA_DEFLATE_BLOCK + NOVITA_DEFLATE_BLOCK / 2 + 1024)


/* Eight symbols for the lengths 3 to 10, four symbols each for groups of 2, 4,
** 8, 16 and 32 lengths, and one for the longest. */
static void list_lengths (struct novita_deflate_length *length) {
  int symbol, run = 3, extra = 0;
  for (symbol = 257; symbol < 285; symbol++) {
    int k, base = run;
    if (symbol >= 265) extra = (symbol - 261) / 4;
    for (k = 0; k < 1 << extra && run < NOVITA_DEFLATE_RUN; k++, run++) {
      length[run].symbol = (uint16_t)symbol;
      length[run].base = (uint16_t)base;
      length[run].extra = (uint8_t)extra;
    }
  }
  length[run].symbol = 285;
  length[run].base = NOVITA_DEFLATE_RUN;
}


int novita_deflate_open (
  struct novita_deflate *z,
  int (*sink) (void *context, const uint8_t *bytes, size_t n,
               struct novita_error *e),
  void *context, struct novita_error *e) {
  memset(z, 0, sizeof *z);
  z->sink = sink;
  z->context = context;
  z->adler = 1;
  list_lengths(z->length);
  z->block = malloc(NOVITA_DEFLATE_BLOCK + 8);
  z->token = malloc(NOVITA_DEFLATE_BLOCK * sizeof *z->token);
  z->out = z->bits.next = malloc(ROOM);
  if (z->block == NULL || z->token == NULL || z->out == NULL) {
    novita_deflate_close(z);
    return novita_error_set_memory(e);
  }
  *z->bits.next++ = 0x78;  /* deflate, a window of 32 KiB */
  *z->bits.next++ = 0x01;  /* fastest level; a check of the two bytes */
  return 0;
}


void novita_deflate_close (struct novita_deflate *z) {
  free(z->block);
  free(z->token);
  free(z->out);
  z->block = z->out = NULL;
  z->token = NULL;
}


/* {====== bits ====== */
static inline void add (struct novita_bit_writer *b, unsigned value, int n) {
  b->wait |= (uint64_t)value << b->count;
  b->count += n;
}


/* Leaves fewer than 8 bits waiting. Writes 8 bytes and uses some of them; at
** most 63 bits may be waiting. */
static inline void drain (struct novita_bit_writer *b) {
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


static void put (struct novita_deflate *z, unsigned value, int n) {
  add(&z->bits, value, n);
}


static void flush (struct novita_deflate *z) {
  drain(&z->bits);
}


static void align (struct novita_deflate *z) {
  z->bits.count = (z->bits.count + 7) & ~7;
  flush(z);
}
/* }====== */


/* {====== tokens ====== */
/* how many bytes from 'p' on equal the byte before it */
static int run_at (const uint8_t *p, const uint8_t *end) {
  const uint8_t *q = p, *most = end;
  if (end - p > NOVITA_DEFLATE_RUN) most = p + NOVITA_DEFLATE_RUN;
  while (q < most && *q == p[-1]) q++;
  return (int)(q - p);
}


static inline uint32_t word (const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}


/* Returns the number of tokens. Bytes after the block must be readable. */
static size_t tokenize (struct novita_deflate *z, uint32_t *count) {
  const uint8_t *p = z->block, *end = p + z->len;
  uint16_t *t = z->token;
  if (p < end) count[*t++ = *p++]++;
  while (p < end) {
    int run = word(p) == word(p - 1) ? run_at(p, end) : 0;
    if (run >= SHORTEST_RUN) {
      *t++ = (uint16_t)(END + run);
      count[z->length[run].symbol]++;
      p += run;
    } else
      count[*t++ = *p++]++;
  }
  count[END] = 1;
  return (size_t)(t - z->token);
}
/* }====== */


/* {====== blocks ====== */
static uint64_t cost (const struct novita_png_huffman *h,
                      const uint32_t *count) {
  uint64_t bits = 0;
  int i;
  for (i = 0; i < NOVITA_DEFLATE_SYMBOLS; i++)
    bits += (uint64_t)count[i] * (h->length[i] + (i > END ? 6u : 0u));
  return bits;
}


/* The code lengths, which are coded themselves. Runs among them are not looked
** for: that would save at most a hundred bytes per block. */
static void put_lengths (struct novita_deflate *z,
                         const struct novita_png_huffman *h) {
  static const uint8_t order[LENGTH_CODES] = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };
  struct novita_png_huffman meta;
  uint32_t count[LENGTH_CODES] = {0};
  int i;
  for (i = 0; i < NOVITA_DEFLATE_SYMBOLS; i++) count[h->length[i]]++;
  count[1]++;  /* the only distance */
  novita_png_huffman_make(&meta, count, LENGTH_CODES, 7);
  put(z, NOVITA_DEFLATE_SYMBOLS - 257, 5);
  put(z, 0, 5);
  put(z, LENGTH_CODES - 4, 4);
  flush(z);
  for (i = 0; i < LENGTH_CODES; i++) {
    put(z, meta.length[order[i]], 3);
    flush(z);
  }
  for (i = 0; i < NOVITA_DEFLATE_SYMBOLS; i++) {
    put(z, meta.code[h->length[i]], meta.length[h->length[i]]);
    flush(z);
  }
  put(z, meta.code[1], meta.length[1]);
  flush(z);
}


/* the distance is always 1; its code is a single 0 */
static void put_run (struct novita_deflate *z,
                     const struct novita_png_huffman *h, int run) {
  const struct novita_deflate_length *l = &z->length[run];
  put(z, h->code[l->symbol], h->length[l->symbol]);
  put(z, (unsigned)run - l->base, l->extra);
  put(z, 0, 1);
  flush(z);
}


static void put_one (struct novita_deflate *z, uint32_t both) {
  put(z, both >> 8, (int)(both & 255));
  flush(z);
}


/* Writes literals as long as they come in fours; returns the first token left.
*/
static const uint16_t *put_literals (struct novita_deflate *z,
                                     const uint32_t *both, const uint16_t *t,
                                     const uint16_t *end) {
  struct novita_bit_writer b = z->bits;  /* kept in registers */
  while (end - t >= 4 && (t[0] | t[1] | t[2] | t[3]) < END) {
    int i;
    for (i = 0; i < 4; i++) add(&b, both[t[i]] >> 8, (int)(both[t[i]] & 255));
    drain(&b);
    t += 4;
  }
  z->bits = b;
  return t;
}


/* Literals are written four at a time with the bits in registers; runs and the
** remaining literals one by one. */
static void put_tokens (struct novita_deflate *z,
                        const struct novita_png_huffman *h, size_t n) {
  const uint16_t *t = z->token, *end = t + n;
  uint32_t both[END];  /* code and length of a literal */
  int i;
  for (i = 0; i < END; i++) both[i] = (uint32_t)h->code[i] << 8 | h->length[i];
  while (t < end) {
    t = put_literals(z, both, t, end);
    if (t == end) break;
    if (*t >= END) put_run(z, h, *t++ - END);
    else put_one(z, both[*t++]);
  }
  put(z, h->code[END], h->length[END]);
  flush(z);
}


static void store (struct novita_deflate *z, int last) {
  put(z, (unsigned)last, 3);
  align(z);
  put(z, (unsigned)z->len, 16);
  put(z, (unsigned)~z->len & 0xffff, 16);
  flush(z);
  memcpy(z->bits.next, z->block, z->len);
  z->bits.next += z->len;
}


static void code_block (struct novita_deflate *z, int last) {
  struct novita_png_huffman h;
  uint32_t count[NOVITA_DEFLATE_SYMBOLS] = {0};
  size_t n;
  memset(z->block + z->len, 0, 8);
  n = tokenize(z, count);
  novita_png_huffman_make(&h, count, NOVITA_DEFLATE_SYMBOLS, LONGEST_CODE);
  if (cost(&h, count) >= 8 * (uint64_t)z->len) {
    store(z, last);
    return;
  }
  put(z, 4 | (unsigned)last, 3);
  put_lengths(z, &h);
  put_tokens(z, &h, n);
}


static int emit (struct novita_deflate *z, struct novita_error *e) {
  size_t n = (size_t)(z->bits.next - z->out);
  z->bits.next = z->out;
  return n == 0 ? 0 : z->sink(z->context, z->out, n, e);
}
/* }====== */


int novita_deflate_write (struct novita_deflate *z, const uint8_t *bytes,
                          size_t n, struct novita_error *e) {
  z->adler = (uint32_t)adler32_z(z->adler, bytes, n);
  while (n > 0) {
    size_t room = NOVITA_DEFLATE_BLOCK - z->len, part = n < room ? n : room;
    memcpy(z->block + z->len, bytes, part);
    z->len += part;
    bytes += part;
    n -= part;
    if (z->len < NOVITA_DEFLATE_BLOCK) continue;
    code_block(z, 0);
    z->len = 0;
    if (emit(z, e) != 0) return -1;
  }
  return 0;
}


int novita_deflate_finish (struct novita_deflate *z, struct novita_error *e) {
  int i;
  code_block(z, 1);
  align(z);
  for (i = 24; i >= 0; i -= 8) *z->bits.next++ = (uint8_t)(z->adler >> i);
  return emit(z, e);
}
