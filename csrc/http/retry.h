/*
** retry.h: how long to wait before an attempt is repeated.
** Which statuses are worth it is in status_class.h.
*/
#ifndef novita_http_retry_h
#define novita_http_retry_h

#include "../base/random.h"

struct novita_retry {
  int attempts;   /* in all, the first one included */
  double base;    /* seconds: the first delay is below this */
  double cap;     /* seconds: no delay of ours is above this */
};

/* seconds before attempt number 'attempt' + 1: exponential with full jitter
** (Brooker, "Exponential Backoff And Jitter", 2015), and never before what
** the server asked for ('retry_after' seconds, 0 = nothing) */
NOVITA_FUNC double novita_retry_delay (const struct novita_retry *rule,
                                       int attempt, double retry_after,
                                       struct novita_random *random);

#endif
