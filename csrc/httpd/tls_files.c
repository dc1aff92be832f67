/*
** tls_files.c: see tls_files.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/wipe.h"
#include "tls_files.h"

#define MOST 65536  /* bytes of a file */


static ssize_t read_all (int fd, char *into, size_t most) {
  size_t have = 0;
  while (have < most) {
    ssize_t n = read(fd, into + have, most - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    have += (size_t)n;
  }
  return (ssize_t)have;
}


static char *read_file (const char *name) {
  ssize_t n = -1;
  char *text = calloc(1, MOST + 1);
  int fd = text != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  int saved;
  if (fd >= 0) n = read_all(fd, text, MOST);
  saved = errno;
  if (fd >= 0) close(fd);
  if (n >= 0) return text;
  free(text);
  errno = saved;
  return NULL;
}


int novita_tls_files_read (struct novita_tls_files *files,
                           const char *certificate, const char *key,
                           char *error, size_t size) {
  const char *failed = NULL;
  files->certificate = files->key = NULL;
  if (certificate == NULL) return 0;
  files->certificate = read_file(certificate);
  if (files->certificate == NULL) failed = certificate;
  else files->key = read_file(key);
  if (failed == NULL && files->key == NULL) failed = key;
  if (failed == NULL) return 0;
  snprintf(error, size, "cannot read %s: %s", failed, strerror(errno));
  novita_tls_files_free(files);
  return -1;
}


void novita_tls_files_free (struct novita_tls_files *files) {
  free(files->certificate);
  if (files->key != NULL) novita_wipe(files->key, strlen(files->key));
  free(files->key);
  files->certificate = files->key = NULL;
}
