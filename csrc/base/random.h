/*
** random.h: numbers for jitter. Fast, seeded from the system, not for secrets.
*/
#ifndef novita_base_random_h
#define novita_base_random_h

#include <stdint.h>

#include "func.h"

struct novita_random {
  uint64_t state;
};

NOVITA_FUNC void novita_random_seed (struct novita_random *r);
/* uniform in [0, 1) */
NOVITA_FUNC double novita_random_next (struct novita_random *r);

#endif
