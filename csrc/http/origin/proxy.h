/*
** proxy.h: the proxy that a request goes through, by the environment's rules.
** We decide instead of libcurl, whose rules differ between versions: so we know
** whether a socket leads to the proxy, and can name it in an error.
*/
#ifndef novita_http_origin_proxy_h
#define novita_http_origin_proxy_h

#include "origin.h"

struct novita_proxy {
  const char *variable;  /* of the environment: "https_proxy" */
  const char *url;       /* its value, which may have a password in it */
  char host[256];        /* "?" if the value is not a URL */
  int port;
  bool socks;
};

/* Whether a request to this origin goes through a proxy: not if it is on this
** machine, or in no_proxy. 'out' is filled if so; its texts are valid until
** the environment changes. */
NOVITA_FUNC bool novita_proxy_find (const struct novita_origin *to,
                                    struct novita_proxy *out);

#endif
