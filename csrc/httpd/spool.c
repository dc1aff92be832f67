/*
** spool.c: see spool.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "spool.h"


void novita_spool_open (struct novita_spool *spool, char *path) {
  spool->path = path;
  spool->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  spool->error = spool->fd < 0 ? errno : 0;
}


void novita_spool_write (struct novita_spool *spool, const char *bytes,
                         size_t n) {
  while (n > 0 && spool->error == 0) {
    ssize_t written = write(spool->fd, bytes, n);
    if (written < 0 && errno != EINTR) spool->error = errno;
    if (written <= 0) continue;
    bytes += written;
    n -= (size_t)written;
  }
}


void novita_spool_end (struct novita_spool *spool) {
  if (spool->fd < 0) return;
  if (close(spool->fd) != 0 && spool->error == 0) spool->error = errno;
  spool->fd = -1;
}


void novita_spool_remove (struct novita_spool *spool) {
  if (spool->path == NULL) return;
  if (spool->fd >= 0) close(spool->fd);
  if (spool->error != EEXIST) unlink(spool->path);  /* else it is not ours */
  free(spool->path);
  spool->path = NULL;
  spool->fd = -1;
}
