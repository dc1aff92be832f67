/*
** buffer.c: see buffer.h
*/
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define SMALLEST 256


void novita_buffer_init (struct novita_buffer *b, size_t limit) {
  b->data = NULL;
  b->len = b->size = 0;
  b->limit = limit;
}


void novita_buffer_free (struct novita_buffer *b) {
  free(b->data);
  novita_buffer_init(b, b->limit);
}


void novita_buffer_clear (struct novita_buffer *b) {
  b->len = 0;
  if (b->data != NULL) b->data[0] = '\0';
}


enum novita_buffer_result novita_buffer_reserve (struct novita_buffer *b,
                                                 size_t n) {
  size_t want, size;
  char *data;
  if (n > b->limit - b->len) return NOVITA_BUFFER_FULL;
  want = b->len + n + 1;
  if (want <= b->size) return NOVITA_BUFFER_OK;
  size = b->size < SMALLEST ? SMALLEST : b->size;
  while (size < want) size += size / 2;
  if (size > b->limit + 1) size = b->limit + 1;
  if (size < want) size = want;
  data = realloc(b->data, size);
  if (data == NULL) return NOVITA_BUFFER_NO_MEMORY;
  b->data = data;
  b->size = size;
  return NOVITA_BUFFER_OK;
}


enum novita_buffer_result novita_buffer_append (struct novita_buffer *b,
                                                const void *bytes, size_t n) {
  enum novita_buffer_result r = novita_buffer_reserve(b, n);
  if (r != NOVITA_BUFFER_OK) return r;
  if (n > 0) memcpy(b->data + b->len, bytes, n);
  b->len += n;
  b->data[b->len] = '\0';
  return NOVITA_BUFFER_OK;
}
