/*
** retry.c: see retry.h
*/
#include <math.h>

#include "retry.h"


double novita_retry_delay (const struct novita_retry *rule, int attempt,
                           double retry_after, struct novita_random *random) {
  double ceiling = rule->base * exp2(attempt > 40 ? 39 : attempt - 1);
  double jitter = novita_random_next(random);
  if (ceiling > rule->cap) ceiling = rule->cap;
  if (retry_after > 0) return retry_after + jitter * rule->base;
  return jitter * ceiling;
}
