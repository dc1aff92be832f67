/*
** origin.h: the origin of a URL: scheme, host and port. The API key is sent
** only to the API's origin, so origins are compared before each attempt.
*/
#ifndef novita_http_origin_origin_h
#define novita_http_origin_origin_h

#include <stdbool.h>

#include "../../base/error.h"

struct novita_origin {
  bool tls;
  char host[256];  /* lower case, no brackets around an IPv6 address */
  int port;
};

/* Refuses other schemes, credentials in the URL, control characters, and plain
** http to any host but loopback. The error never quotes more of the URL than
** its host. */
NOVITA_FUNC int novita_origin_parse (const char *url,
                                     struct novita_origin *origin,
                                     struct novita_error *e);

/* A copy of a URL without the blanks around it; free it. After the host, blanks
** and bytes beyond ASCII become %XX, as in browsers: the service's links may
** contain file names. NULL on out-of-memory. */
NOVITA_FUNC char *novita_origin_encode (const char *url);
/* true: novita_origin_encode would change nothing */
NOVITA_FUNC bool novita_origin_is_encoded (const char *url);
NOVITA_FUNC bool novita_origin_same (const struct novita_origin *a,
                                     const struct novita_origin *b);
NOVITA_FUNC bool novita_origin_loopback (const struct novita_origin *origin);

/* a header value must not be able to end its line */
NOVITA_FUNC bool novita_origin_header_safe (const char *text);

#endif
