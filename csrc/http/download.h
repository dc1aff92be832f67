/*
** download.h: download a URL to a file, which is complete or does not exist:
** a temporary file beside it, fsync, rename, fsync of the folder. The caller
** chooses the name; nothing from the network is ever part of a path.
** Or download into an open file, which gets neither a name nor an fsync.
*/
#ifndef novita_http_download_h
#define novita_http_download_h

#include "../event/file_save.h"
#include "../event/op.h"
#include "request.h"

struct novita_download {
  struct novita_op op;       /* first member */
  struct novita_request request;  /* set 'url', 'deadline' and 'sink_limit' of
                                  ** its options before the start */
  struct novita_error error;      /* kind NOVITA_ERROR_NONE: the file is saved,
                                  ** or the status is not 200 */
  char *path, *temporary;         /* malloc'd */
  bool is_image;                  /* do not save a page in place of an image */
  struct novita_file_save saving;
};

NOVITA_FUNC void novita_download_init (struct novita_download *d);
/* removes the temporary file, if there is one */
NOVITA_FUNC void novita_download_free (struct novita_download *d);
NOVITA_FUNC int novita_download_start (struct novita_pool *pool,
                                       struct novita_download *d,
                                       const char *path,
                                       struct novita_error *e);
/* the same into 'fd', which stays the caller's: the whole file, or if 'last' is
** not 0, the bytes from 'first' to 'last' after the 'first' ones that it has.
** The caller reads the status: 206 or 200, or a refusal */
NOVITA_FUNC int novita_download_start_into (struct novita_pool *pool,
                                            struct novita_download *d, int fd,
                                            uint64_t first, uint64_t last,
                                            struct novita_error *e);

#endif
