/*
** retry.c: see retry.h
*/
#include <math.h>

#include "retry.h"


bool novita_retry_is_transient (long status) {
  if (status == 408 || status == 429) return true;
  return status >= 500 && status != 501 && status != 505;
}


double novita_retry_delay (const struct novita_retry *rule, int attempt,
                           double retry_after, struct novita_random *random) {
  double ceiling = rule->base * exp2(attempt > 40 ? 39 : attempt - 1);
  double jitter = novita_random_next(random);
  if (ceiling > rule->cap) ceiling = rule->cap;
  if (retry_after > 0) return retry_after + jitter * rule->base;
  return jitter * ceiling;
}
