/*
** retry.h: how long to wait before a request is retried.
** status_class.h decides which statuses are worth a retry.
*/
#ifndef novita_http_retry_h
#define novita_http_retry_h

#include <stdint.h>

#include "../base/random.h"

struct novita_retry {
  int attempts;   /* in total, including the first */
  double base;    /* seconds: the first delay is below this */
  double cap;     /* seconds: no delay without Retry-After is above this */
};

/* seconds of a Retry-After header, 0 if it has none. 'date': the response's
** Date in Unix seconds, -1 = none. A Retry-After that is a date is compared
** with it, because this machine's clock may be hours off. */
NOVITA_FUNC double novita_retry_after (const char *value, int64_t date);

/* seconds before attempt number 'attempt' + 1: exponential with full jitter
** (Brooker, "Exponential Backoff And Jitter", 2015), and never less than the
** server asked for ('retry_after' seconds, 0 = not given) */
NOVITA_FUNC double novita_retry_delay (const struct novita_retry *rule,
                                       int attempt, double retry_after,
                                       struct novita_random *random);

#endif
