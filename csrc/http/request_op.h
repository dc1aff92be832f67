/*
** request_op.h: a call as an op, for whoever waits for its news.
*/
#ifndef novita_http_request_op_h
#define novita_http_request_op_h

#include "request.h"

struct novita_request_op {
  struct novita_op op;       /* first member */
  struct novita_request request;   /* wishes before the start, answer afterwards */
};

NOVITA_FUNC void novita_request_op_init (struct novita_request_op *r,
                                      size_t response_limit);
NOVITA_FUNC void novita_request_op_free (struct novita_request_op *r);
NOVITA_FUNC int novita_request_op_start (struct novita_pool *pool,
                                      struct novita_request_op *r,
                                      struct novita_error *e);

#endif
