/*
** retry.h: when a call may be repeated, and when. Pure rules, no sockets.
*/
#ifndef novita_http_retry_h
#define novita_http_retry_h

#include <stdbool.h>

#include "../base/random.h"

struct novita_retry {
  int attempts;   /* in all, the first one included */
  double base;    /* seconds: the first delay is below this */
  double cap;     /* seconds: no delay of ours is above this */
};

/* the answer says "later": 408, 429, and 5xx but for 501 and 505 */
NOVITA_FUNC bool novita_retry_is_transient (long status);

/* seconds before attempt number 'attempt' + 1: exponential with full jitter
** (Brooker, "Exponential Backoff And Jitter", 2015), and never before what
** the server asked for ('retry_after' seconds, 0 = nothing) */
NOVITA_FUNC double novita_retry_delay (const struct novita_retry *rule,
                                       int attempt, double retry_after,
                                       struct novita_random *random);

#endif
