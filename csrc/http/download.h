/*
** download.h: a URL into a file that is there whole or not at all: a temporary
** file beside it, fsync, rename, fsync of the folder. The name is the
** caller's; nothing from the network is ever part of a path.
*/
#ifndef novita_http_download_h
#define novita_http_download_h

#include "request.h"

struct novita_download {
  struct novita_op op;       /* first member */
  struct novita_request request;   /* 'url', 'deadline' and 'sink_limit' are wishes */
  struct novita_error error; /* kind NOVITA_ERROR_NONE: the file is in place, or the
                                answer had another status than 200 */
  char *path, *temporary;    /* malloc'd */
  bool is_image;           /* a page instead of one is not saved */
};

NOVITA_FUNC void novita_download_init (struct novita_download *d);
/* removes what is left of an unfinished file */
NOVITA_FUNC void novita_download_free (struct novita_download *d);
NOVITA_FUNC int novita_download_start (struct novita_pool *pool,
                                       struct novita_download *d,
                                       const char *path,
                                       struct novita_error *e);

#endif
