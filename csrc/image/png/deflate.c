/*
** deflate.c: see deflate.h. First the runs of a block are listed, each a number
** of bytes that equal the one before them, and the bytes between them are
** counted. Then it is coded, or stored if coding would not make it smaller.
*/
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "deflate.h"
#include "huffman.h"
#include "literals.h"
#include "runs.h"

#define LONGEST_CODE 12   /* so that four literals fit between two flushes */
#define LENGTH_CODES 19   /* symbols of the code for the code lengths */
#define END 256
#define SHORTEST_RUN NOVITA_PNG_RUNS_SHORTEST
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
  z->block = malloc(NOVITA_DEFLATE_BLOCK + NOVITA_PNG_RUNS_AFTER);
  z->run = malloc((NOVITA_DEFLATE_BLOCK / SHORTEST_RUN + 1) * sizeof *z->run);
  z->out = z->bits.next = malloc(ROOM);
  if (z->block == NULL || z->run == NULL || z->out == NULL) {
    novita_deflate_close(z);
    return novita_error_set_memory(e);
  }
  *z->bits.next++ = 0x78;  /* deflate, a window of 32 KiB */
  *z->bits.next++ = 0x01;  /* fastest level; a check of the two bytes */
  return 0;
}


void novita_deflate_close (struct novita_deflate *z) {
  free(z->block);
  free(z->run);
  free(z->out);
  z->block = z->out = NULL;
  z->run = NULL;
}


/* {====== bits ====== */
static void put (struct novita_deflate *z, unsigned value, int n) {
  novita_png_bits_add(&z->bits, value, n);
}


static void flush (struct novita_deflate *z) {
  novita_png_bits_drain(&z->bits);
}


static void align (struct novita_deflate *z) {
  z->bits.count = (z->bits.count + 7) & ~7;
  flush(z);
}
/* }====== */


/* {====== symbols ====== */
/* how many bytes from 'p' on equal the byte before it */
static int run_at (const uint8_t *p, const uint8_t *end) {
  const uint8_t *q = p, *most = end;
  if (end - p > NOVITA_DEFLATE_RUN) most = p + NOVITA_DEFLATE_RUN;
  while (q < most && *q == p[-1]) q++;
  return (int)(q - p);
}


static void list_runs (struct novita_deflate *z) {
  const uint8_t *p = z->block + 1, *end = z->block + z->len;
  novita_png_runs_find *find = novita_png_runs_choose();
  z->runs = 0;
  for (p = find(p, end); p < end; p = find(p, end)) {
    int length = run_at(p, end);
    if (length < SHORTEST_RUN) break;  /* the end is in it */
    z->run[z->runs].at = (uint32_t)(p - z->block);
    z->run[z->runs++].length = (uint32_t)length;
    p += length;
  }
}


/* Adds up bytes in four tables, so that equal bytes in a row need not wait for
** each other. */
static void count_bytes (uint32_t count[4][256], const uint8_t *p,
                         const uint8_t *end) {
  for (; end - p >= 4; p += 4) {
    count[0][p[0]]++;
    count[1][p[1]]++;
    count[2][p[2]]++;
    count[3][p[3]]++;
  }
  while (p < end) count[0][*p++]++;
}


static void count_symbols (struct novita_deflate *z, uint32_t *count) {
  uint32_t bytes[4][256] = {{0}};
  const uint8_t *p = z->block;
  size_t i;
  list_runs(z);
  for (i = 0; i < z->runs; i++) {
    const struct novita_deflate_run *run = &z->run[i];
    count_bytes(bytes, p, z->block + run->at);
    p = z->block + run->at + run->length;
    count[z->length[run->length].symbol]++;
  }
  count_bytes(bytes, p, z->block + z->len);
  for (i = 0; i < END; i++)
    count[i] = bytes[0][i] + bytes[1][i] + bytes[2][i] + bytes[3][i];
  count[END] = 1;
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


static void put_symbols (struct novita_deflate *z,
                         const struct novita_png_huffman *h) {
  const uint8_t *p = z->block;
  novita_png_literals_put *write = novita_png_literals_choose();
  uint32_t code[END];
  size_t i;
  for (i = 0; i < END; i++) code[i] = (uint32_t)h->code[i] << 8 | h->length[i];
  for (i = 0; i < z->runs; i++) {
    const uint8_t *run = z->block + z->run[i].at;
    write(&z->bits, code, p, run);
    put_run(z, h, (int)z->run[i].length);
    p = run + z->run[i].length;
  }
  write(&z->bits, code, p, z->block + z->len);
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
  memset(z->block + z->len, 0, NOVITA_PNG_RUNS_AFTER);
  count_symbols(z, count);
  novita_png_huffman_make(&h, count, NOVITA_DEFLATE_SYMBOLS, LONGEST_CODE);
  if (cost(&h, count) >= 8 * (uint64_t)z->len) {
    store(z, last);
    return;
  }
  put(z, 4 | (unsigned)last, 3);
  put_lengths(z, &h);
  put_symbols(z, &h);
}


static int emit (struct novita_deflate *z, struct novita_error *e) {
  size_t n = (size_t)(z->bits.next - z->out);
  z->bits.next = z->out;
  return n == 0 ? 0 : z->sink(z->context, z->out, n, e);
}
/* }====== */


int novita_deflate_write (struct novita_deflate *z, const uint8_t *bytes,
                          size_t n, struct novita_error *e) {
  z->adler = novita_png_checks_adler(z->adler, bytes, n);
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
