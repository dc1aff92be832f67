/*
** source.h: the bytes of a picture, from memory or from a file.
**
** Bytes that were given are borrowed, and all there. Of a file only a window is
** in memory: its start at first, which 'more' lets grow for as long as a header
** goes on, then whatever part 'seek' moves it to. Who needs the whole file in
** one piece says so. Only plain files are read, so a pipe or a device can
** neither block nor feed without end.
**
** What points into the window is void after more, seek and all.
*/
#ifndef novita_image_codec_source_h
#define novita_image_codec_source_h

#include <stdbool.h>
#include <stddef.h>

#include "../../base/error.h"

struct novita_source {
  const char *path;   /* a file, or NULL for the bytes */
  const void *bytes;
  size_t len;
};

struct novita_source_reader {
  const unsigned char *data;  /* the window */
  size_t len;                 /* bytes in it */
  size_t at;                  /* where in the file it starts */
  size_t size;                /* bytes of the file */
  unsigned char *owned;       /* its memory; NULL where it is borrowed */
  size_t room;                /* of that memory */
  bool is_open;
  int fd;                     /* of a file */
};

/* More than 'limit' bytes are an error. Close it whatever the result. */
NOVITA_FUNC int novita_source_open (struct novita_source_reader *b,
                                    const struct novita_source *source,
                                    size_t limit, struct novita_error *e);
NOVITA_FUNC void novita_source_close (struct novita_source_reader *b);

/* does the file go on behind the window? */
NOVITA_FUNC bool novita_source_has_more (const struct novita_source_reader *b);
/* the window gets longer, twice as long if the file has that much */
NOVITA_FUNC int novita_source_read_more (struct novita_source_reader *b,
                                         struct novita_error *e);
/* it starts at 'at', and goes as far as its memory does */
NOVITA_FUNC int novita_source_seek (struct novita_source_reader *b, size_t at,
                                    struct novita_error *e);
/* it is the whole file */
NOVITA_FUNC int novita_source_read_all (struct novita_source_reader *b,
                                        struct novita_error *e);

#endif
