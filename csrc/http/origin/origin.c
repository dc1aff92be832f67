/*
** origin.c: see origin.h. libcurl parses the URL, so that we compare the host
** that libcurl will connect to.
*/
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "origin.h"


bool novita_origin_header_safe (const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7f) return false;
  }
  return true;
}


/* tolower depends on the locale: in Turkish, "i" is not the small "I" */
static char to_lower (char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}


static int copy_host (const char *host, struct novita_origin *origin,
                      struct novita_error *e) {
  size_t i, n = strlen(host);
  if (n > 1 && host[0] == '[') {
    host++;
    n -= 2;
  }
  if (n == 0 || n >= sizeof origin->host)
    return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                            "the URL has no usable host name");
  for (i = 0; i < n; i++)
    origin->host[i] = to_lower(host[i]);
  origin->host[n] = '\0';
  return 0;
}


static int check_scheme (const char *scheme, struct novita_origin *origin,
                         struct novita_error *e) {
  origin->tls = curl_strequal(scheme, "https");
  if (origin->tls) return 0;
  if (!curl_strequal(scheme, "http"))
    return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                            "the URL of %s is neither https nor http",
                            origin->host);
  if (novita_origin_loopback(origin)) return 0;
  return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "plain_http",
                          "refusing plain http to %s: use https, or http to "
                          "this machine itself", origin->host);
}


/* true on out-of-memory */
static bool get (CURLU *parsed, CURLUPart part, char **text) {
  return curl_url_get(parsed, part, text, CURLU_DEFAULT_PORT)
         == CURLUE_OUT_OF_MEMORY;
}


static int fill (CURLU *parsed, struct novita_origin *origin,
                 struct novita_error *e) {
  char *host = NULL, *scheme = NULL, *port = NULL, *user = NULL;
  int r = -1;
  if (get(parsed, CURLUPART_HOST, &host) ||
      get(parsed, CURLUPART_SCHEME, &scheme) ||
      get(parsed, CURLUPART_PORT, &port) ||
      get(parsed, CURLUPART_USER, &user))
    novita_error_set_memory(e);
  else if (host == NULL || scheme == NULL || port == NULL)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                     "the URL has no host");
  else if (user != NULL)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                     "the URL contains a user name; omit it");
  else if ((r = copy_host(host, origin, e)) == 0) {
    origin->port = atoi(port);
    r = check_scheme(scheme, origin, e);
  }
  curl_free(host);
  curl_free(scheme);
  curl_free(port);
  curl_free(user);
  return r;
}


int novita_origin_parse (const char *url, struct novita_origin *origin,
                         struct novita_error *e) {
  CURLU *parsed;
  CURLUcode code;
  int r;
  if (!novita_origin_header_safe(url))
    return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                            "the URL contains control characters");
  parsed = curl_url();
  if (parsed == NULL) return novita_error_set_memory(e);
  code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OUT_OF_MEMORY) r = novita_error_set_memory(e);
  else if (code != CURLUE_OK)
    r = novita_error_set(e, NOVITA_ERROR_PROTOCOL, "bad_url",
                         "not a URL; expected something like "
                         "https://api.novita.ai");
  else
    r = fill(parsed, origin, e);
  curl_url_cleanup(parsed);
  return r;
}


/* where the path or the query begins, or the end */
static const char *past_host (const char *url) {
  const char *scheme = strstr(url, "://");
  const char *host = scheme != NULL ? scheme + 3 : url;
  return host + strcspn(host, "/?#");
}


bool novita_origin_is_encoded (const char *url) {
  for (; *url != '\0'; url++)
    if (*url == ' ' || (unsigned char)*url >= 0x80) return false;
  return true;
}


char *novita_origin_encode (const char *url) {
  size_t blanks = strspn(url, " "), len = strlen(url + blanks), i, n = 0;
  const char *from = url + blanks, *rest = past_host(from);
  char *copy;
  while (len > 0 && from[len - 1] == ' ') len--;
  copy = malloc(3 * len + 1);
  if (copy == NULL) return NULL;
  for (i = 0; i < len; i++) {
    unsigned char c = (unsigned char)from[i];
    if (from + i >= rest && (c == ' ' || c >= 0x80))
      n += (size_t)snprintf(copy + n, 4, "%%%02X", (unsigned)c);
    else copy[n++] = from[i];
  }
  copy[n] = '\0';
  return copy;
}


bool novita_origin_same (const struct novita_origin *a,
                         const struct novita_origin *b) {
  return a->tls == b->tls && a->port == b->port &&
         strcmp(a->host, b->host) == 0;
}


/* 127.x.y.z; libcurl has normalized other notations */
static bool is_loopback_v4 (const char *host) {
  size_t dots = 0;
  if (strncmp(host, "127.", 4) != 0) return false;
  for (; *host != '\0'; host++) {
    if (*host == '.') dots++;
    else if (!isdigit((unsigned char)*host)) return false;
  }
  return dots == 3;
}


bool novita_origin_loopback (const struct novita_origin *origin) {
  return strcmp(origin->host, "localhost") == 0 ||
         strcmp(origin->host, "::1") == 0 || is_loopback_v4(origin->host);
}
