/*
** api_server.c: see api_server.h
*/
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hmac.h"
#include "../base/wipe.h"
#include "api_server.h"

#define SHORTEST_SECRET 8  /* a shorter key may be an ordinary word */

static const char bearer[] = "Authorization: Bearer ";


/* {====== the key ====== */

static void wipe_list (struct curl_slist *list) {
  for (; list != NULL; list = list->next)
    novita_wipe(list->data, strlen(list->data));
}


/* the key is in one place only: the header line */
static const char *find_key (const struct novita_api_server *server) {
  const struct curl_slist *line = server->authenticated;
  size_t n = sizeof bearer - 1;
  for (; line != NULL; line = line->next)
    if (strncmp(line->data, bearer, n) == 0) return line->data + n;
  return NULL;
}


void novita_api_server_redact (const struct novita_api_server *server,
                               char *text, size_t len) {
  const char *key = find_key(server), *end = text + len;
  size_t n = key != NULL ? strlen(key) : 0;
  if (n < SHORTEST_SECRET) return;
  while ((text = memmem(text, (size_t)(end - text), key, n)) != NULL)
    memset(text, '*', n);
}


void novita_api_server_sign (const struct novita_api_server *server,
                             const char *text, size_t len,
                             unsigned char out[NOVITA_SHA256_SIZE]) {
  const char *key = find_key(server);
  if (key == NULL) key = "";
  novita_hmac_sha256(key, strlen(key), text, len, out);
}

/* }====== */


/* {====== headers ====== */

static int add_header (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return -1;
  *list = longer;
  return 0;
}


static int add_key (struct curl_slist **list, const char *key) {
  char line[512];
  int n, r = -1;
  if (key == NULL || key[0] == '\0') return 0;
  n = snprintf(line, sizeof line, "%s%s", bearer, key);
  if (n < (int)sizeof line) r = add_header(list, line);
  novita_wipe(line, sizeof line);
  return r;
}


/* An empty "Expect:" switches off the wait for a "100 Continue", which many
** servers never send: it costs one second per upload. */
static int make_headers (struct novita_api_server *server, const char *key) {
  struct curl_slist **with_key = &server->authenticated;
  if (add_header(&server->plain, "Expect:") != 0 ||
      add_header(with_key, "Expect:") != 0 ||
      add_header(with_key, "Accept: application/json") != 0 ||
      add_header(with_key, "Content-Type: application/json") != 0)
    return -1;
  return add_key(with_key, key);
}


/* libcurl formats the line of an option twice, byte by byte, and one of a list
** once. The rest of the list is the one with the key, so the key stays in one
** place. */
static int make_poll_headers (struct novita_api_server *server) {
  char *agent = NULL;
  int r = -1;
  if (asprintf(&agent, "User-Agent: %s", server->user_agent) < 0) return -1;
  if (add_header(&server->poll, agent) == 0 &&
      add_header(&server->poll, "Accept-Encoding: identity") == 0) {
    server->poll->next->next = server->authenticated;
    r = 0;
  }
  free(agent);
  return r;
}


static void free_headers (struct novita_api_server *server) {
  wipe_list(server->authenticated);
  if (server->poll != NULL && server->poll->next != NULL)
    server->poll->next->next = NULL;
  curl_slist_free_all(server->poll);
  curl_slist_free_all(server->authenticated);
  curl_slist_free_all(server->plain);
}

/* }====== */


static int parse_root (struct novita_api_server *server) {
  server->root = curl_url();
  if (server->root == NULL) return -1;
  return curl_url_set(server->root, CURLUPART_URL, server->base_url, 0)
         == CURLUE_OK ? 0 : -1;
}


static int copy (const char *text, char **to) {
  if (text == NULL) return 0;
  *to = strdup(text);
  return *to != NULL ? 0 : -1;
}


int novita_api_server_open (struct novita_api_server *server,
                            const struct novita_api_server_options *options,
                            struct novita_error *e) {
  memset(server, 0, sizeof *server);
  server->connect_seconds = options->connect_seconds;
  server->allow_private = options->allow_private;
  if (novita_origin_parse(options->base_url, &server->origin, e) != 0)
    return -1;
  if (copy(options->base_url, &server->base_url) == 0 &&
      copy(options->ca_file, &server->ca_file) == 0 &&
      copy(options->ca_dir, &server->ca_dir) == 0 &&
      copy(options->user_agent, &server->user_agent) == 0 &&
      make_headers(server, options->key) == 0 &&
      make_poll_headers(server) == 0 && parse_root(server) == 0)
    return 0;
  return novita_error_set_memory(e);
}


void novita_api_server_close (struct novita_api_server *server) {
  free_headers(server);
  curl_url_cleanup(server->root);
  free(server->base_url);
  free(server->ca_file);
  free(server->ca_dir);
  free(server->user_agent);
  memset(server, 0, sizeof *server);
}
