/*
** token_bucket.c: see token_bucket.h
*/
#include "token_bucket.h"


void novita_token_bucket_init (struct novita_token_bucket *b, double most,
                               double per_second, double now) {
  b->tokens = b->most = most;
  b->per_second = per_second;
  b->at = now;
}


static void refill (struct novita_token_bucket *b, double now) {
  b->tokens += (now - b->at) * b->per_second;
  if (b->tokens > b->most) b->tokens = b->most;
  b->at = now;
}


bool novita_token_bucket_take (struct novita_token_bucket *b, double now) {
  refill(b, now);
  if (b->tokens < 1) return false;
  b->tokens -= 1;
  return true;
}


double novita_token_bucket_next (struct novita_token_bucket *b, double now) {
  refill(b, now);
  if (b->tokens >= 1) return now;
  return now + (1 - b->tokens) / b->per_second;
}
