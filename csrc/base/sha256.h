/*
** sha256.h: SHA-256 (FIPS 180-4), in pieces. 250 MB a second were measured in
** portable C at -O2, 1,300 with the processor's own instructions, which are
** used where there are any (sha256_x86.c).
*/
#ifndef novita_base_sha256_h
#define novita_base_sha256_h

#include <stddef.h>
#include <stdint.h>

#include "func.h"

#define NOVITA_SHA256_SIZE 32

struct novita_sha256 {
  uint32_t state[8];
  uint64_t len;             /* bytes so far */
  unsigned char block[64];  /* the last, unfinished one */
};

NOVITA_FUNC void novita_sha256_init (struct novita_sha256 *h);
NOVITA_FUNC void novita_sha256_add (struct novita_sha256 *h, const void *data,
                                    size_t n);
/* 'h' can go on afterwards: the end is worked out on a copy */
NOVITA_FUNC void novita_sha256_end (const struct novita_sha256 *h,
                                    unsigned char out[NOVITA_SHA256_SIZE]);

#endif
