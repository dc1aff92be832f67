/*
** buffer.h: a growing byte buffer that gets its limit when it is initialized.
** Appending is amortised O(1). An append that does not fit changes
** nothing. The bytes always end with a NUL that is not counted.
*/
#ifndef novita_base_buffer_h
#define novita_base_buffer_h

#include <stddef.h>

#include "func.h"

struct novita_buffer {
  char *data;    /* NULL until the first append */
  size_t len;    /* bytes in use */
  size_t size;   /* bytes allocated, including the NUL */
  size_t limit;  /* 'len' never exceeds this */
};

enum novita_buffer_result {
  NOVITA_BUFFER_OK, NOVITA_BUFFER_FULL, NOVITA_BUFFER_NO_MEMORY
};

NOVITA_FUNC void novita_buffer_init (struct novita_buffer *b, size_t limit);
NOVITA_FUNC void novita_buffer_free (struct novita_buffer *b);
NOVITA_FUNC void novita_buffer_clear (struct novita_buffer *b);
NOVITA_FUNC enum novita_buffer_result novita_buffer_append (
  struct novita_buffer *b, const void *bytes, size_t n);
/* make room for 'n' more bytes at data + len, for writers that fill it in
** place and then add to 'len' themselves */
NOVITA_FUNC enum novita_buffer_result novita_buffer_reserve (
  struct novita_buffer *b, size_t n);

#endif
