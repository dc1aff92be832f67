/*
** token_bucket.h: a token bucket. What may happen only so often takes a token;
** tokens come back with time, up to 'most'.
*/
#ifndef novita_base_token_bucket_h
#define novita_base_token_bucket_h

#include <stdbool.h>

#include "func.h"

struct novita_budget {
  double tokens, most;
  double per_second;
  double at;       /* when 'tokens' was last brought up to date */
};

NOVITA_FUNC void novita_budget_init (struct novita_budget *b, double most,
                                     double per_second, double now);
/* take one token; false when there is none */
NOVITA_FUNC bool novita_budget_take (struct novita_budget *b, double now);
/* when the next token is there: 'now' or later */
NOVITA_FUNC double novita_budget_next (struct novita_budget *b, double now);

#endif
