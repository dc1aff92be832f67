/*
** sha256.c: see sha256.h
*/
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "endian.h"
#include "sha256.h"
#include "sha256_blocks.h"

#define BLOCK sizeof(((struct novita_sha256 *)0)->block)

static uint32_t turn (uint32_t x, int n) {
  return x >> n | x << (32 - n);
}


static void expand (uint32_t w[64], const uint8_t *block) {
  int i;
  for (i = 0; i < 16; i++, block += 4)
    w[i] = novita_endian_big32(block);
  for (; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7] +
           (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
  }
}


/* FIPS 180-4's a to h; instead of moving them along, the caller passes them
** in another order each time */
static inline void one_round (uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
                              uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
                              uint32_t more) {
  uint32_t t = *h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
               (g ^ (e & (f ^ g))) + more;
  *d += t;
  *h = t + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
       ((a & b) | (c & (a | b)));
}


static void add_block (uint32_t state[8], const uint8_t *block) {
  uint32_t w[64], s[8];
  int i;
  expand(w, block);
  for (i = 0; i < 64; i++) w[i] += novita_sha256_constants[i];
  memcpy(s, state, sizeof s);
  for (i = 0; i < 64; i += 8) {
    one_round(s[0], s[1], s[2], s + 3, s[4], s[5], s[6], s + 7, w[i]);
    one_round(s[7], s[0], s[1], s + 2, s[3], s[4], s[5], s + 6, w[i + 1]);
    one_round(s[6], s[7], s[0], s + 1, s[2], s[3], s[4], s + 5, w[i + 2]);
    one_round(s[5], s[6], s[7], s + 0, s[1], s[2], s[3], s + 4, w[i + 3]);
    one_round(s[4], s[5], s[6], s + 7, s[0], s[1], s[2], s + 3, w[i + 4]);
    one_round(s[3], s[4], s[5], s + 6, s[7], s[0], s[1], s + 2, w[i + 5]);
    one_round(s[2], s[3], s[4], s + 5, s[6], s[7], s[0], s + 1, w[i + 6]);
    one_round(s[1], s[2], s[3], s + 4, s[5], s[6], s[7], s + 0, w[i + 7]);
  }
  for (i = 0; i < 8; i++) state[i] += s[i];
}


static void add_blocks (uint32_t state[8], const uint8_t *p, size_t n) {
  for (; n > 0; n--, p += BLOCK) add_block(state, p);
}


static pthread_once_t once = PTHREAD_ONCE_INIT;
static novita_sha256_blocks chosen = add_blocks;


static void choose (void) {
  novita_sha256_blocks fast = novita_sha256_x86();
  if (fast != NULL) chosen = fast;
}


static void add (uint32_t state[8], const uint8_t *p, size_t n) {
  pthread_once(&once, choose);
  chosen(state, p, n);
}


void novita_sha256_init (struct novita_sha256 *h) {
  static const uint32_t start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
    0x1f83d9ab, 0x5be0cd19
  };
  memset(h, 0, sizeof *h);
  memcpy(h->state, start, sizeof start);
}


void novita_sha256_add (struct novita_sha256 *h, const void *data, size_t n) {
  const uint8_t *p = data;
  size_t used = (size_t)(h->len % BLOCK);
  h->len += n;
  if (used > 0) {
    size_t fill = BLOCK - used < n ? BLOCK - used : n;
    memcpy(h->block + used, p, fill);
    p += fill;
    n -= fill;
    if (used + fill < BLOCK) return;
    add(h->state, h->block, 1);
  }
  if (n >= BLOCK) add(h->state, p, n / BLOCK);
  if (n % BLOCK > 0) memcpy(h->block, p + n / BLOCK * BLOCK, n % BLOCK);
}


void novita_sha256_end (const struct novita_sha256 *h,
                        uint8_t out[NOVITA_SHA256_SIZE]) {
  static const uint8_t padding[BLOCK] = {0x80};
  struct novita_sha256 last = *h;
  uint8_t length[8];
  size_t used = (size_t)(h->len % BLOCK);
  int i;
  for (i = 0; i < 8; i++)
    length[i] = (uint8_t)(h->len * 8 >> (56 - 8 * i));
  novita_sha256_add(&last, padding, (used < 56 ? 56 : 120) - used);
  novita_sha256_add(&last, length, sizeof length);
  for (i = 0; i < NOVITA_SHA256_SIZE; i++)
    out[i] = (uint8_t)(last.state[i / 4] >> (24 - 8 * (i % 4)));
}
