/*
** curl_error.h: libcurl's error numbers as texts that say what to do.
*/
#ifndef novita_http_curl_error_h
#define novita_http_curl_error_h

#include <curl/curl.h>

#include "request_state.h"

/* set the error of a failed attempt; never quotes the URL beyond its host */
NOVITA_FUNC void novita_curl_error_explain (struct novita_request *request,
                                            CURLcode code);

/* what happened, for a code of such an error without its host; the code itself
** if there is no text */
NOVITA_FUNC const char *novita_curl_error_text (const char *code);

/* whether the same request may succeed later: yes after a failure of the
** network, no if a certificate is not trusted or a proxy refuses */
NOVITA_FUNC bool novita_curl_error_may_pass (const struct novita_error *e);

#endif
