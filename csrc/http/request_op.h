/*
** request_op.h: a call as an op, for whoever waits for its news.
*/
#ifndef novita_http_request_op_h
#define novita_http_request_op_h

#include "request.h"

struct novita_request {
  struct novita_op op;       /* first member */
  struct novita_call call;   /* wishes before the start, answer afterwards */
};

NOVITA_FUNC void novita_request_init (struct novita_request *r,
                                      size_t reply_limit);
NOVITA_FUNC void novita_request_free (struct novita_request *r);
NOVITA_FUNC int novita_request_start (struct novita_http *http,
                                      struct novita_request *r,
                                      struct novita_error *e);

#endif
