/*
** redact.c: a server may quote the key it refuses, and its words end up in
** errors and logs. What looks like our key is overwritten before anyone
** reads it.
*/
#define _GNU_SOURCE
#include <string.h>

#include "http.h"

#define SHORTEST_SECRET 8  /* less is no secret, and common in any text */

static const char bearer[] = "Authorization: Bearer ";


/* the key stands in one place only: the header line */
static const char *find_key (const struct novita_pool *pool) {
  const struct curl_slist *line = pool->authenticated;
  size_t n = sizeof bearer - 1;
  for (; line != NULL; line = line->next)
    if (strncmp(line->data, bearer, n) == 0) return line->data + n;
  return NULL;
}


void novita_http_redact (const struct novita_pool *pool, char *text,
                         size_t len) {
  const char *key = find_key(pool), *end = text + len;
  size_t n = key != NULL ? strlen(key) : 0;
  if (n < SHORTEST_SECRET) return;
  while ((text = memmem(text, (size_t)(end - text), key, n)) != NULL)
    memset(text, '*', n);
}
