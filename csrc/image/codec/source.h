/*
** source.h: the bytes of an image, from memory or from a file.
**
** Bytes in memory are borrowed and complete. Of a file, only a window is in
** memory. It begins at the file's start, and read_more extends it while a
** header continues; seek moves it anywhere; read_all loads the whole file. Only
** regular files are read, so that a pipe or a device can neither block nor
** deliver endless data.
**
** Pointers into the window are invalid after read_more, seek and read_all.
*/
#ifndef novita_image_codec_source_h
#define novita_image_codec_source_h

#include <stdbool.h>
#include <stddef.h>

#include "../../base/error.h"

struct novita_source {
  const char *path;   /* a file, or NULL to use 'bytes' */
  const void *bytes;
  size_t len;
};

struct novita_source_reader {
  const unsigned char *data;  /* the window */
  size_t len;                 /* bytes in it */
  size_t at;                  /* its offset in the file */
  size_t size;                /* of the file */
  unsigned char *owned;       /* the window's memory; NULL if borrowed */
  size_t room;                /* size of that memory */
  bool is_open;
  int fd;                     /* the open file */
};

/* More than 'limit' bytes are an error. Call close in any case. */
NOVITA_FUNC int novita_source_open (struct novita_source_reader *b,
                                    const struct novita_source *source,
                                    size_t limit, struct novita_error *e);
NOVITA_FUNC void novita_source_close (struct novita_source_reader *b);

/* does the file continue after the window? */
NOVITA_FUNC bool novita_source_has_more (const struct novita_source_reader *b);
/* extends the window, to twice its size if the file is that long */
NOVITA_FUNC int novita_source_read_more (struct novita_source_reader *b,
                                         struct novita_error *e);
/* moves the window to 'at', and fills its memory */
NOVITA_FUNC int novita_source_seek (struct novita_source_reader *b, size_t at,
                                    struct novita_error *e);
/* makes the window the whole file */
NOVITA_FUNC int novita_source_read_all (struct novita_source_reader *b,
                                        struct novita_error *e);

#endif
