/*
** source.c: see source.h
*/
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"


static int too_large (size_t len, size_t limit, struct novita_error *e) {
  return novita_fail(e, NOVITA_IMAGE, "too_large",
                     "has %zu bytes, more than the limit of %zu: "
                     "make it smaller or raise the limit", len, limit);
}


/* strerror is not safe on a worker thread */
static int file_error (int number, struct novita_error *e) {
  switch (number) {
    case ENOENT: case ENOTDIR:
      return novita_fail(e, NOVITA_FILE, "not_found",
                         "does not exist: check the path");
    case EACCES: case EPERM:
      return novita_fail(e, NOVITA_FILE, "denied",
                         "may not be read: check its permissions");
    case EMFILE: case ENFILE:
      return novita_fail(e, NOVITA_FILE, "too_many_files",
                         "cannot be opened: too many files are open");
    case ENOMEM:
      return novita_fail_memory(e);
    default:
      return novita_fail(e, NOVITA_FILE, "unreadable",
                         "cannot be read: error %d of the system", number);
  }
}


static int read_all (int fd, unsigned char *data, size_t *len,
                     struct novita_error *e) {
  size_t got = 0;
  while (got < *len) {
    ssize_t n = read(fd, data + got, *len - got);
    if (n == 0) break;  /* it shrank: the decoder will say "truncated" */
    if (n > 0) got += (size_t)n;
    else if (errno != EINTR) return file_error(errno, e);
  }
  *len = got;
  return 0;
}


static int read_file (struct novita_bytes *b, int fd, size_t limit,
                      size_t most, struct novita_error *e) {
  struct stat st;
  if (fstat(fd, &st) != 0) return file_error(errno, e);
  if (!S_ISREG(st.st_mode))
    return novita_fail(e, NOVITA_FILE, "not_a_file",
                       "is not a plain file: give the path of a picture");
  if ((uintmax_t)st.st_size > limit)
    return too_large((size_t)st.st_size, limit, e);
  b->len = (size_t)st.st_size;
  if (most != 0 && b->len > most) b->len = most;
  b->data = b->owned = malloc(b->len + 1);
  if (b->owned == NULL) return novita_fail_memory(e);
  return read_all(fd, b->owned, &b->len, e);
}


int novita_bytes_open (struct novita_bytes *b,
                       const struct novita_source *source, size_t limit,
                       size_t most, struct novita_error *e) {
  int fd, r;
  b->data = source->bytes;
  b->len = source->len;
  b->owned = NULL;
  if (source->path == NULL)
    return b->len > limit ? too_large(b->len, limit, e) : 0;
  fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return file_error(errno, e);
  r = read_file(b, fd, limit, most, e);
  close(fd);
  if (r != 0) novita_bytes_close(b);
  return r;
}


void novita_bytes_close (struct novita_bytes *b) {
  free(b->owned);
  b->owned = NULL;
  b->data = NULL;
  b->len = 0;
}
