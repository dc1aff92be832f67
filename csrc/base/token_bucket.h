/*
** token_bucket.h: a token bucket, to limit a rate. Each action takes a token;
** tokens are refilled over time, up to 'most'.
*/
#ifndef novita_base_token_bucket_h
#define novita_base_token_bucket_h

#include <stdbool.h>

#include "func.h"

struct novita_token_bucket {
  double tokens, most;
  double per_second;
  double at;       /* when 'tokens' was last refilled */
};

NOVITA_FUNC void novita_token_bucket_init (struct novita_token_bucket *b,
                                           double most, double per_second,
                                           double now);
/* take one token; false if there is no token */
NOVITA_FUNC bool novita_token_bucket_take (struct novita_token_bucket *b,
                                           double now);
/* when the next token is available: 'now' or later */
NOVITA_FUNC double novita_token_bucket_next (struct novita_token_bucket *b,
                                             double now);

#endif
