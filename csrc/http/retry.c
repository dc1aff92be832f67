/*
** retry.c: see retry.h
*/
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include <curl/curl.h>

#include "retry.h"

#define LONGEST_REST 3600.0  /* seconds; a longer Retry-After is nonsense */
#define LONGEST_GUESS 60.0   /* ... measured with a clock that may be off */


static double limit (double seconds, double most) {
  if (!(seconds > 0)) return 0;
  return seconds > most ? most : seconds;
}


double novita_retry_after (const char *value, int64_t date) {
  time_t at;
  if (isdigit((unsigned char)value[0]))
    return limit((double)strtol(value, NULL, 10), LONGEST_REST);
  at = curl_getdate(value, NULL);
  if (at == -1) return 0;
  if (date != -1) return limit((double)at - (double)date, LONGEST_REST);
  return limit(difftime(at, time(NULL)), LONGEST_GUESS);
}


double novita_retry_delay (const struct novita_retry *rule, int attempt,
                           double retry_after, struct novita_random *random) {
  double ceiling = rule->base * exp2(attempt > 40 ? 39 : attempt - 1);
  double jitter = novita_random_next(random);
  if (ceiling > rule->cap) ceiling = rule->cap;
  if (retry_after > 0) return retry_after + jitter * rule->base;
  return jitter * ceiling;
}
