/*
** log.h: what a program prints, in a file of limited size. When the file has
** half of the limit, it becomes PATH.old, and a new one begins: the end of the
** output is always there. The last bytes are also kept in memory. A log that
** cannot be written is no reason to stop the program: the failure is noted.
*/
#ifndef novita_server_log_h
#define novita_server_log_h

#include <stdint.h>

#include "../base/error.h"

#define NOVITA_LOG_TAIL 4096

struct novita_log {
  int fd;                       /* -1: no file */
  char *path;
  uint64_t size, limit;
  int failed;                   /* errno of the first write that failed */
  char tail[2 * NOVITA_LOG_TAIL];
  size_t tail_len;
};

/* a new file, or the end of one that exists; NULL keeps only the tail */
NOVITA_FUNC int novita_log_open (struct novita_log *log, const char *path,
                                 uint64_t limit, struct novita_error *e);
/* may be called twice */
NOVITA_FUNC void novita_log_close (struct novita_log *log);
NOVITA_FUNC void novita_log_add (struct novita_log *log, const char *bytes,
                                 size_t n);
/* the last bytes, at most NOVITA_LOG_TAIL; also after the end */
NOVITA_FUNC const char *novita_log_tail (const struct novita_log *log,
                                         size_t *len);

#endif
