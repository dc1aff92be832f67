/*
** request_op.h: a request as an op, whose end is an event of the loop.
*/
#ifndef novita_http_request_op_h
#define novita_http_request_op_h

#include "../event/op.h"
#include "request.h"

struct novita_request_op {
  struct novita_op op;             /* first member */
  struct novita_request request;   /* set its options before the start */
};

NOVITA_FUNC void novita_request_op_init (struct novita_request_op *r,
                                         size_t response_limit);
NOVITA_FUNC void novita_request_op_free (struct novita_request_op *r);
NOVITA_FUNC int novita_request_op_start (struct novita_pool *pool,
                                         struct novita_request_op *r,
                                         struct novita_error *e);

#endif
