/*
** transfer.h: one attempt of a call on an easy handle.
*/
#ifndef novita_http_transfer_h
#define novita_http_transfer_h

#include "request.h"

/* what every easy handle of a pool has in common, set once; -1 without memory
*/
NOVITA_FUNC int novita_transfer_prepare (struct novita_pool *pool, CURL *easy);
/* what this call wants; then it can be added to the multi handle; -1 without
** memory */
NOVITA_FUNC int novita_transfer_setup (struct novita_request *request, CURL *easy);
/* read off what the attempt left behind */
NOVITA_FUNC void novita_transfer_read (struct novita_request *request);

/* text for a failed attempt; never quotes the URL past its host */
NOVITA_FUNC void novita_curl_error_explain (struct novita_request *request,
                                          CURLcode code);

#endif
