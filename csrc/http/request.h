/*
** request.h: one HTTP request with its retries.
**
** The caller fills the options, starts the request and keeps the memory until
** 'done' has run or novita_request_cancel has returned. 'done' runs once,
** inside novita_loop_step. A response of any status is a success here (kind
** NOVITA_ERROR_NONE); higher levels decide what the status means.
*/
#ifndef novita_http_request_h
#define novita_http_request_h

#include "pool.h"
#include "request_state.h"

NOVITA_FUNC void novita_request_init (struct novita_request *request,
                                      size_t response_limit);
NOVITA_FUNC void novita_request_free (struct novita_request *request);

/* -1 and 'e' if the URL is refused, or on out-of-memory; 'done' is not called
** then */
NOVITA_FUNC int novita_request_start (struct novita_pool *pool,
                                      struct novita_request *request,
                                      struct novita_error *e);
/* 'done' is not called afterwards; does nothing to an idle request */
NOVITA_FUNC void novita_request_cancel (struct novita_request *request);

#endif
