/*
** origin.h: where a URL leads: scheme, host and port. The API key travels
** only to the API's own origin, so two origins are compared before each send.
*/
#ifndef novita_http_origin_h
#define novita_http_origin_h

#include <stdbool.h>

#include "../base/error.h"

struct novita_origin {
  bool tls;
  char host[256];  /* lower case, no brackets around an IPv6 address */
  int port;
};

/* Refuses what we never talk to: other schemes, credentials in the URL,
** control bytes, and plain http to anything but loopback. The error never
** quotes more of the URL than its host. */
NOVITA_FUNC int novita_origin_parse (const char *url,
                                     struct novita_origin *origin,
                                     struct novita_error *e);
NOVITA_FUNC bool novita_origin_same (const struct novita_origin *a,
                                     const struct novita_origin *b);
NOVITA_FUNC bool novita_origin_loopback (const struct novita_origin *origin);

/* a header value must not be able to end its line */
NOVITA_FUNC bool novita_origin_header_safe (const char *text);

#endif
