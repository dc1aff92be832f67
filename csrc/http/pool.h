/*
** pool.h: the connections of one client: at most one easy handle per
** connection, and our own queue before them. Ten thousand waiting requests
** cost their own memory and none of libcurl's.
*/
#ifndef novita_http_pool_h
#define novita_http_pool_h

#include "../base/token_bucket.h"
#include "api_server.h"
#include "multi.h"
#include "retry.h"

struct novita_pool_options {
  struct novita_api_server_options server;
  int connections;         /* easy handles, 1 to 256 */
  struct novita_retry retry;
};

struct novita_pool {
  struct novita_loop *loop;
  struct novita_api_server server;
  struct novita_multi multi;
  CURL **idle;                   /* easy handles that no transfer uses */
  int idle_count, easy_count, connections;
  struct novita_list transfers[NOVITA_TRANSFER_STATES];  /* by their state */
  struct novita_token_bucket retries;  /* over all requests */
  struct novita_retry retry;
  struct novita_random random;
  bool closing;
  bool trace;                    /* see trace.h */
};

NOVITA_FUNC int novita_pool_open (struct novita_pool *pool,
                                  struct novita_loop *loop,
                                  const struct novita_pool_options *options,
                                  struct novita_error *e);
/* cancels all requests; their ops must be finished or canceled before */
NOVITA_FUNC void novita_pool_close (struct novita_pool *pool);

/* for requests: wait for an easy handle. 'start' may be called at once. */
NOVITA_FUNC void novita_pool_enqueue (struct novita_pool *pool,
                                      struct novita_transfer *transfer);
/* wait for nothing in the pool, but be canceled when it closes */
NOVITA_FUNC void novita_pool_pause (struct novita_pool *pool,
                                    struct novita_transfer *transfer);
/* leave the pool in any state; a running transfer gives its handle back */
NOVITA_FUNC void novita_pool_leave (struct novita_pool *pool,
                                    struct novita_transfer *transfer);
/* give free handles to waiting transfers; called after transfers have left */
NOVITA_FUNC void novita_pool_pump (struct novita_pool *pool);

#endif
