/*
** sha256_blocks.h: the inner loop of SHA-256, and who has a faster one
*/
#ifndef novita_base_sha256_blocks_h
#define novita_base_sha256_blocks_h

#include <stddef.h>
#include <stdint.h>

#include "func.h"

/* adds 'n' blocks of 64 bytes to a state */
typedef void (*novita_sha256_blocks) (uint32_t state[8],
                                      const unsigned char *p, size_t n);

NOVITA_FUNC const uint32_t novita_sha256_constants[64];

/* NULL where this processor has no instructions for it */
NOVITA_FUNC novita_sha256_blocks novita_sha256_x86 (void);

#endif
