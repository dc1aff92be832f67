/*
** sending.h: the callbacks of an easy handle that give a request to the
** network: at most once if it is no GET, and not later than it may be sent.
*/
#ifndef novita_http_sending_h
#define novita_http_sending_h

#include <curl/curl.h>
#include <stdbool.h>

#include "request_state.h"

/* for all transfers of the handle */
NOVITA_FUNC void novita_sending_set_callbacks (CURL *easy);
/* for those of this request */
NOVITA_FUNC void novita_sending_set_data (CURL *easy,
                                          struct novita_request *request);

/* Whether a byte for the server was written. The callback comes before the
** first byte. libcurl notes a time when it has written the whole head; if it
** fails within the head, there are bytes beyond those for the proxy. */
NOVITA_FUNC bool novita_sending_has_begun (
  const struct novita_request *request);

#endif
