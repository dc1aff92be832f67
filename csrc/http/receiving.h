/*
** receiving.h: the callbacks of an easy handle that store a response.
*/
#ifndef novita_http_receiving_h
#define novita_http_receiving_h

#include <curl/curl.h>

#include "request_state.h"

/* for all transfers of the handle */
NOVITA_FUNC void novita_receiving_set_callbacks (CURL *easy);
/* for those of this request */
NOVITA_FUNC void novita_receiving_set_data (CURL *easy,
                                            struct novita_request *request);

#endif
