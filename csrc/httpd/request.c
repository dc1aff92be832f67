/*
** request.c: see request.h
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

#define SMALLEST 1024


struct novita_httpd_request *
novita_httpd_request_new (const char *target, size_t limit) {
  struct novita_httpd_request *r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  r->limit = limit;
  r->cut = SIZE_MAX;
  r->next = LUA_NOREF;
  r->spool.fd = -1;
  r->target = strdup(target);
  if (r->target == NULL) {
    free(r);
    return NULL;
  }
  return r;
}


void novita_httpd_request_free (struct novita_httpd_request *r) {
  if (r == NULL) return;
  novita_spool_remove(&r->spool);
  free(r->target);
  free(r->body);
  free(r);
}


static int grow (struct novita_httpd_request *r, size_t want) {
  size_t size = r->size < SMALLEST ? SMALLEST : r->size;
  char *body;
  while (size < want) size *= 2;
  if (size > r->limit && want <= r->limit) size = r->limit;
  body = realloc(r->body, size);
  if (body == NULL) return -1;
  r->body = body;
  r->size = size;
  return 0;
}


void novita_httpd_request_expect (struct novita_httpd_request *r,
                                     const char *content_length) {
  unsigned long long n;
  if (content_length == NULL) return;
  n = strtoull(content_length, NULL, 10);
  if (n > r->limit) r->oversize = 1;
  else if (n > 0 && !r->dropped && r->spool.path == NULL)
    grow(r, (size_t)n);  /* append reports a failure */
}


void novita_httpd_request_spool (struct novita_httpd_request *r, char *path) {
  novita_spool_remove(&r->spool);
  novita_spool_open(&r->spool, path);
}


int novita_httpd_request_append (struct novita_httpd_request *r,
                                    const char *bytes, size_t n) {
  r->received += n;
  if (r->received > r->limit) r->oversize = 1;
  if (r->oversize || r->dropped) return 0;
  if (r->spool.path != NULL) {
    novita_spool_write(&r->spool, bytes, n);
    return 0;
  }
  if (r->len + n > r->size && grow(r, r->len + n) != 0) return -1;
  memcpy(r->body + r->len, bytes, n);
  r->len += n;
  return 0;
}
