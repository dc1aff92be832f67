/*
** source.h: the bytes of a picture, from memory or from a file.
** Bytes that were given are borrowed; a file is read whole into memory that
** novita_bytes_close frees. Only plain files are read, so a pipe or a device
** can neither block nor feed without end.
*/
#ifndef novita_image_source_h
#define novita_image_source_h

#include <stddef.h>

#include "../base/error.h"

struct novita_source {
  const char *path;   /* a file, or NULL for the bytes */
  const void *bytes;
  size_t len;
};

struct novita_bytes {
  const unsigned char *data;
  size_t len;
  void *owned;  /* what to free, or NULL */
};

/* up to 'most' bytes are wanted (0 = all); more than 'limit' is an error */
NOVITA_FUNC int novita_bytes_open (struct novita_bytes *b,
                                   const struct novita_source *source,
                                   size_t limit, size_t most,
                                   struct novita_error *e);
NOVITA_FUNC void novita_bytes_close (struct novita_bytes *b);

#endif
