/*
** api_server.h: the server that a client talks to: its origin, and the headers
** and options that all requests of the client share. The key is kept in one
** place, the list of headers with the key.
*/
#ifndef novita_http_api_server_h
#define novita_http_api_server_h

#include <curl/curl.h>

#include "../base/sha256.h"
#include "origin/origin.h"

struct novita_api_server_options {
  const char *base_url;    /* the API's origin, without a path */
  const char *key;         /* NULL or "" = none */
  const char *ca_file;     /* these authorities and those in ca_dir; ... */
  const char *ca_dir;      /* ... both NULL = the system's */
  const char *user_agent;
  double connect_seconds;
  bool allow_private;      /* see address.h */
};

struct novita_api_server {
  struct novita_origin origin;
  CURLU *root;            /* base_url, parsed */
  char *base_url, *ca_file, *ca_dir, *user_agent;
  struct curl_slist *authenticated, *plain;  /* headers with and without key */
  struct curl_slist *poll;  /* two more lines, and then those with the key */
  double connect_seconds;
  bool allow_private;
};

/* copies the options; novita_api_server_close is needed even after a failure */
NOVITA_FUNC int novita_api_server_open (
  struct novita_api_server *server,
  const struct novita_api_server_options *options, struct novita_error *e);
/* overwrites the key in memory */
NOVITA_FUNC void novita_api_server_close (struct novita_api_server *server);

/* Overwrite the key in a text of the server. A server may quote the key that
** it refuses, and its words end up in errors and logs. */
NOVITA_FUNC void novita_api_server_redact (
  const struct novita_api_server *server, char *text, size_t len);

/* The HMAC-SHA256 of a text, computed with the key. It identifies the key but
** does not reveal it. */
NOVITA_FUNC void novita_api_server_sign (
  const struct novita_api_server *server, const char *text, size_t len,
  unsigned char out[NOVITA_SHA256_SIZE]);

#endif
