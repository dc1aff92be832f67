/*
** poll_request.c: see poll_request.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "poll_request.h"

#define RESPONSE_LIMIT (1024 * 1024)
#define LONGEST_ID 256
#define LONGEST_URL 2048


void novita_poll_request_init (struct novita_poll_request *q,
                               double try_seconds,
                               void (*done) (struct novita_request *request)) {
  struct novita_request_options *options = &q->request.options;
  novita_request_init(&q->request, RESPONSE_LIMIT);
  options->method = NOVITA_METHOD_GET;
  options->flags = NOVITA_REQUEST_AUTHENTICATED | NOVITA_REQUEST_ONCE |
                   NOVITA_REQUEST_SMALL;
  options->try_seconds = try_seconds;
  options->done = done;
}


/* The id comes from the caller. Everything except letters, digits and "-_." is
** escaped, so that the id cannot be more than one query value. */
static void escape (const char *text, char *out) {
  static const char hex[] = "0123456789ABCDEF";
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
        c == '-' || c == '_' || c == '.') {
      *out++ = (char)c;
      continue;
    }
    *out++ = '%';
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
  }
  *out = '\0';
}


int novita_poll_request_start (struct novita_poll_request *q,
                               struct novita_pool *pool, const char *path,
                               const char *task_id) {
  struct novita_request_options *options = &q->request.options;
  struct novita_error e;
  char id[LONGEST_ID * 3 + 1];
  char *url;
  int n;
  if (strlen(task_id) > LONGEST_ID) return -1;
  /* the request may have replaced it by an encoded URL, which is shorter */
  url = realloc(options->url, LONGEST_URL);
  if (url == NULL) return -1;
  options->url = url;
  escape(task_id, id);
  n = snprintf(url, LONGEST_URL, "%s%s%s", pool->server.base_url, path, id);
  if (n >= LONGEST_URL) return -1;
  return novita_request_start(pool, &q->request, &e);
}
