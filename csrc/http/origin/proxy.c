/*
** proxy.c: see proxy.h. Plain http goes to this machine only, so http_proxy
** does not apply.
*/
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "proxy.h"

#define PORT 1080        /* libcurl's, for a proxy without a port, ... */
#define HTTPS_PORT 443   /* ... and if its URL begins with https:// */


/* the first variable that is not empty; NULL if all are */
static const char *first_set (const char *const names[],
                              const char **variable) {
  for (; *names != NULL; names++) {
    const char *text = getenv(*names);
    if (text == NULL || text[0] == '\0') continue;
    *variable = *names;
    return text;
  }
  return NULL;
}


/* {====== no_proxy ====== */

/* "example.com" and ".example.com" name the host and everything below it */
static bool is_below (const char *host, size_t n, const char *name,
                      size_t len) {
  if (len == 0 || len > n || !curl_strnequal(host + n - len, name, len))
    return false;
  return len == n || host[n - len - 1] == '.';
}


/* one entry of the list: a name, an address, or a block like 10.0.0.0/8 */
static bool covers (const char *entry, size_t len, const char *host) {
  char block[64];
  size_t n = strlen(host);
  if (n > 0 && host[n - 1] == '.') n--;
  if (len > 0 && entry[len - 1] == '.') len--;
  if (len > 0 && entry[0] == '.') entry++, len--;
  if (len < sizeof block) {
    snprintf(block, sizeof block, "%.*s", (int)len, entry);
    if (novita_address_in_block(host, block)) return true;
  }
  return is_below(host, n, entry, len);
}


static bool is_excluded (const char *host) {
  static const char *const names[] = {"no_proxy", "NO_PROXY", NULL};
  const char *variable, *list = first_set(names, &variable);
  if (list == NULL) return false;
  if (strcmp(list, "*") == 0) return true;
  while (*list != '\0') {
    size_t n = strcspn(list, ", ");
    if (n > 0 && covers(list, n, host)) return true;
    list += n + strspn(list + n, ", ");
  }
  return false;
}

/* }====== */


static void read_parts (CURLU *url, struct novita_proxy *out) {
  char *host = NULL, *port = NULL, *scheme = NULL;
  if (curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK)
    snprintf(out->host, sizeof out->host, "%s", host);
  if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
    out->socks = curl_strnequal(scheme, "socks", 5);
    if (curl_strequal(scheme, "https")) out->port = HTTPS_PORT;
  }
  if (curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK)
    out->port = atoi(port);
  curl_free(host);
  curl_free(port);
  curl_free(scheme);
}


/* "http://user:password@host:3128" or "host:3128" */
static void parse (struct novita_proxy *out) {
  CURLU *url = curl_url();
  strcpy(out->host, "?");
  out->port = PORT;
  out->socks = false;
  if (url == NULL) return;
  if (curl_url_set(url, CURLUPART_URL, out->url, CURLU_GUESS_SCHEME |
                   CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
    read_parts(url, out);
  curl_url_cleanup(url);
}


bool novita_proxy_find (const struct novita_origin *to,
                        struct novita_proxy *out) {
  static const char *const names[] = {
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL
  };
  if (novita_origin_loopback(to)) return false;
  out->url = first_set(names, &out->variable);
  if (out->url == NULL || is_excluded(to->host)) return false;
  parse(out);
  return true;
}
