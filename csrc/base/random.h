/*
** random.h: numbers for jitter. Fast, seeded from the system, not for secrets.
*/
#ifndef novita_base_random_h
#define novita_base_random_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "func.h"

struct novita_random {
  uint64_t state;
};

/* at most 256 random bytes from the system, also without /dev; false if the
** system provides none */
NOVITA_FUNC bool novita_random_bytes (void *out, size_t count);

NOVITA_FUNC void novita_random_seed (struct novita_random *r);
/* uniform in [0, 1) */
NOVITA_FUNC double novita_random_next (struct novita_random *r);

#endif
