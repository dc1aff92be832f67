/*
** poll_request.c: see poll_request.h
*/
#define _GNU_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "poll_request.h"

#define RESPONSE_LIMIT (1024 * 1024)


void novita_poll_request_init (struct novita_poll_request *q,
                               double try_seconds,
                               void (*done) (struct novita_request *request)) {
  struct novita_request_options *options = &q->request.options;
  novita_request_init(&q->request, RESPONSE_LIMIT);
  options->method = NOVITA_METHOD_GET;
  options->flags = NOVITA_REQUEST_AUTHENTICATED | NOVITA_REQUEST_ONCE |
                   NOVITA_REQUEST_SMALL;
  options->target = q->target;
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


/* The URL of all polls is the API's root. */
static int make_url (struct novita_request_options *options,
                     const struct novita_pool *pool) {
  if (options->url != NULL) return 0;
  if (asprintf(&options->url, "%s/", pool->server.base_url) > 0) return 0;
  options->url = NULL;
  return -1;
}


int novita_poll_request_start (struct novita_poll_request *q,
                               struct novita_pool *pool, const char *path,
                               const char *task_id) {
  struct novita_error e;
  size_t n = strlen(path);
  if (n > NOVITA_POLL_REQUEST_PATH ||
      strlen(task_id) > NOVITA_POLL_REQUEST_ID ||
      make_url(&q->request.options, pool) != 0)
    return -1;
  memcpy(q->target, path, n);
  escape(task_id, q->target + n);
  return novita_request_start(pool, &q->request, &e);
}
