/*
** sha256_blocks.h: the inner loop of SHA-256, and its variant for x86
*/
#ifndef novita_base_sha256_blocks_h
#define novita_base_sha256_blocks_h

#include <stddef.h>
#include <stdint.h>

#include "func.h"

/* adds 'n' blocks of 64 bytes to a state */
typedef void (*novita_sha256_blocks) (uint32_t state[8],
                                      const uint8_t *p, size_t n);

NOVITA_FUNC const uint32_t novita_sha256_constants[64];

/* NULL if this processor has no SHA instructions */
NOVITA_FUNC novita_sha256_blocks novita_sha256_x86 (void);

#endif
