/*
** spool.h: a file that takes the body of a request while it arrives.
*/
#ifndef novita_httpd_spool_h
#define novita_httpd_spool_h

#include <stddef.h>

#include "../base/func.h"

struct novita_spool {
  char *path;                /* NULL: not in use */
  int fd;                    /* -1: closed */
  int error;                 /* errno of the first failure; later bytes are
                             ** dropped */
};

/* create the file, which must not exist; it is readable by its owner only. Owns
** 'path', which is from malloc. A failure is in 'error' */
NOVITA_FUNC void novita_spool_open (struct novita_spool *spool, char *path);
NOVITA_FUNC void novita_spool_write (struct novita_spool *spool,
                                     const char *bytes, size_t n);
/* the body is complete. Others read the file by its path, and may rename it */
NOVITA_FUNC void novita_spool_end (struct novita_spool *spool);
/* remove the file if it still has that name; may be called twice */
NOVITA_FUNC void novita_spool_remove (struct novita_spool *spool);

#endif
