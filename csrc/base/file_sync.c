/*
** file_sync.c: see file_sync.h
*/
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_sync.h"


void novita_file_sync_begin (int fd) {
#if defined(__linux__)
  (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
  (void)fd;
#endif
}


void novita_file_sync_folder (const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash == NULL ? strdup(".")
                               : strndup(path, (size_t)(slash - path) + 1);
  int fd = folder != NULL ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  free(folder);
}
