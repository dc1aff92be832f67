/*
** fuzz_huffman.c: our own Huffman code. Reading: any table and any bits of a
** JPEG's blocks, never a byte past the end. Writing: zlib decodes what our
** deflate makes of any bytes.
*/
#include <zlib.h>

#include "image.h"
#include "../../csrc/image/png/deflate.h"
#include "../../csrc/image/png/huffman.h"
#include "../../csrc/image/jpeg/fast/huffman.h"

#define TABLE (16 + 32)   /* bytes: codes of each length, symbols */
#define MCU 3             /* blocks read at once */
#define MAX_BLOCKS 200


/* uses the first bytes as a table; a short one repeats its symbols */
static int take_table (struct novita_huff_table *c, const uint8_t *o,
                       int is_dc) {
  uint8_t bits[17] = {0}, symbol[256];
  int i;
  for (i = 0; i < 16; i++) bits[i + 1] = o[i];
  for (i = 0; i < 256; i++) symbol[i] = (uint8_t)(o[16 + i % 32] + i / 32);
  return novita_jpeg_huffman_make_table(c, bits, symbol, is_dc);
}


static void read_blocks (const uint8_t *data, size_t size) {
  static struct novita_huff_table dc, ac;
  novita_jpeg_huffman_decode_blocks *read = novita_jpeg_huffman_choose();
  struct novita_bit_reader r;
  uint8_t *copy = malloc(size + 1);
  struct novita_huff_block *block = calloc(MCU, sizeof *block);
  int dc_pred = 0, i, was_end;
  assert(copy != NULL && block != NULL);
  if (size > 2 * TABLE && take_table(&dc, data, 1) == 0 &&
      take_table(&ac, data + TABLE, 0) == 0) {
    memset(&r, 0, sizeof r);
    memcpy(copy, data + 2 * TABLE, size - 2 * TABLE);
    copy = realloc(copy, size - 2 * TABLE);  /* its end is watched */
    r.p = copy;
    r.end = copy + (size - 2 * TABLE);
    for (i = 0; i < MCU; i++) {
      block[i].dc = &dc;
      block[i].ac = &ac;
      block[i].dc_pred = &dc_pred;
    }
    for (i = 0; i < MAX_BLOCKS && r.past <= r.count; i += MCU) {
      if (read(&r, block, MCU) != 0) break;
      assert(r.p <= r.end);
    }
    was_end = novita_bits_at_marker(&r, 0xd9);
    if (was_end) assert(r.past <= r.count);
    novita_bits_restart(&r, data[0] & 7);
    assert(r.p <= r.end);
  }
  free(block);
  free(copy);
}


/* {====== writing ====== */

struct stream { uint8_t *bytes; size_t len, size; };

static int keep (void *context, const uint8_t *bytes, size_t n,
                 struct novita_error *e) {
  struct stream *s = context;
  (void)e;
  if (s->len + n > s->size) {
    s->size = (s->len + n) * 2;
    s->bytes = realloc(s->bytes, s->size);
    assert(s->bytes != NULL);
  }
  memcpy(s->bytes + s->len, bytes, n);
  s->len += n;
  return 0;
}


/* in two calls, so that a block need not start where a call does */
static void write_stream (const uint8_t *data, size_t size) {
  struct novita_deflate z;
  struct novita_error e;
  struct stream s = {NULL, 0, 0};
  size_t half = size / 3;
  uLongf len = (uLongf)size + 1;
  uint8_t *back = malloc(len);
  memset(&e, 0, sizeof e);
  assert(back != NULL && novita_deflate_open(&z, keep, &s, &e) == 0);
  assert(novita_deflate_write(&z, data, half, &e) == 0);
  assert(novita_deflate_write(&z, data + half, size - half, &e) == 0);
  assert(novita_deflate_finish(&z, &e) == 0);
  novita_deflate_close(&z);
  assert(uncompress(back, &len, s.bytes, (uLong)s.len) == Z_OK);
  assert(len == size && memcmp(back, data, size) == 0);
  free(back);
  free(s.bytes);
}

/* }====== */


/* codes for any counts are valid: none is longer than the limit, and they form
** a prefix code */
static void check_lengths (const uint8_t *data, size_t size) {
  struct novita_png_huffman h;
  uint32_t count[NOVITA_PNG_HUFFMAN_MAX] = {0};
  double room = 0;
  int i, n = size < 286 ? (int)size : 286, used = 0;
  for (i = 0; i < n; i++) count[i] = (uint32_t)data[i] << (data[i] % 17);
  for (i = 0; i < n; i++) used += count[i] > 0;
  novita_png_huffman_make(&h, count, n, 15);
  for (i = 0; i < n; i++) {
    assert(h.length[i] <= 15 && (count[i] == 0 || h.length[i] > 0));
    if (h.length[i] > 0) room += 1.0 / (1 << h.length[i]);
  }
  assert(used == 0 || room <= 1.0);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  read_blocks(data, size);
  write_stream(data, size);
  check_lengths(data, size);
  return 0;
}
