/*
** hmac.c: see hmac.h
*/
#include <string.h>

#include "hmac.h"
#include "wipe.h"

#define BLOCK 64  /* bytes of a SHA-256 block */


/* begins a digest with the key, each byte changed by 'mask' */
static void begin (struct novita_sha256 *h, uint8_t key[BLOCK], uint8_t mask) {
  int i;
  for (i = 0; i < BLOCK; i++) key[i] ^= mask;
  novita_sha256_init(h);
  novita_sha256_add(h, key, BLOCK);
}


static void hash (const void *data, size_t n, uint8_t *out) {
  struct novita_sha256 h;
  novita_sha256_init(&h);
  novita_sha256_add(&h, data, n);
  novita_sha256_end(&h, out);
}


void novita_hmac_sha256 (const void *key, size_t key_len, const void *text,
                         size_t len, uint8_t out[NOVITA_SHA256_SIZE]) {
  uint8_t block[BLOCK] = {0}, inner[NOVITA_SHA256_SIZE];
  struct novita_sha256 h;
  if (key_len > BLOCK)
    hash(key, key_len, block);
  else
    memcpy(block, key, key_len);
  begin(&h, block, 0x36);
  novita_sha256_add(&h, text, len);
  novita_sha256_end(&h, inner);
  begin(&h, block, 0x36 ^ 0x5c);  /* on top of the first mask */
  novita_sha256_add(&h, inner, sizeof inner);
  novita_sha256_end(&h, out);
  novita_wipe(block, sizeof block);
}
