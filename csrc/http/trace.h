/*
** trace.h: with NOVITA_DEBUG=http, a line on standard error for each attempt
** of a request.
*/
#ifndef novita_http_trace_h
#define novita_http_trace_h

#include <curl/curl.h>

#include "request_state.h"

/* Write the line of an attempt that has ended, if the pool has 'trace'. It
** shows no header, and of a link from a response only the host: anyone who has
** such a link can use it. */
NOVITA_FUNC void novita_trace_attempt (const struct novita_request *request,
                                       CURLcode code);

#endif
