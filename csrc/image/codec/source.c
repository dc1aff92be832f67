/*
** source.c: see source.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

#define PIECE 65536  /* initial size of the window in bytes */


static int too_large (size_t len, size_t limit, struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "has %zu bytes, more than the limit of %zu: "
                          "make it smaller or raise the limit", len, limit);
}


/* strerror is not safe on a worker thread */
static int file_error (int number, struct novita_error *e) {
  switch (number) {
    case ENOENT: case ENOTDIR:
      return novita_error_set(e, NOVITA_ERROR_FILE, "not_found",
                              "does not exist: check the path");
    case EACCES: case EPERM:
      return novita_error_set(e, NOVITA_ERROR_FILE, "denied",
                              "may not be read: check its permissions");
    case EMFILE: case ENFILE:
      return novita_error_set(e, NOVITA_ERROR_FILE, "too_many_files",
                              "cannot be opened: too many files are open");
    case ENOMEM:
      return novita_error_set_memory(e);
    default:
      return novita_error_set(e, NOVITA_ERROR_FILE, "unreadable",
                              "cannot be read: error %d of the system", number);
  }
}


/* Reads from the file until the window's memory is full. */
static int fill (struct novita_source_reader *b, struct novita_error *e) {
  while (b->len < b->room && novita_source_has_more(b)) {
    ssize_t n = pread(b->fd, b->owned + b->len, b->room - b->len,
                      (off_t)(b->at + b->len));
    if (n > 0) b->len += (size_t)n;
    else if (n == 0) b->size = b->at + b->len;  /* the file shrank */
    else if (errno != EINTR) return file_error(errno, e);
  }
  return 0;
}


static int grow (struct novita_source_reader *b, size_t room,
                 struct novita_error *e) {
  unsigned char *more = realloc(b->owned, room);
  if (more == NULL) return novita_error_set_memory(e);
  b->data = b->owned = more;
  b->room = room;
  return fill(b, e);
}


static int open_file (struct novita_source_reader *b, const char *path,
                      size_t limit, struct novita_error *e) {
  struct stat st;
  b->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  b->is_open = b->fd >= 0;
  if (!b->is_open || fstat(b->fd, &st) != 0) return file_error(errno, e);
  if (!S_ISREG(st.st_mode))
    return novita_error_set(e, NOVITA_ERROR_FILE, "not_a_file",
                            "is not a regular file: give the path of an image");
  if ((uintmax_t)st.st_size > limit)
    return too_large((size_t)st.st_size, limit, e);
  b->size = (size_t)st.st_size;
  return grow(b, b->size > 0 && b->size < PIECE ? b->size : PIECE, e);
}


int novita_source_open (struct novita_source_reader *b,
                        const struct novita_source *source, size_t limit,
                        struct novita_error *e) {
  memset(b, 0, sizeof *b);
  if (source->path != NULL) return open_file(b, source->path, limit, e);
  b->data = source->bytes;
  b->len = b->size = source->len;
  return b->len > limit ? too_large(b->len, limit, e) : 0;
}


bool novita_source_has_more (const struct novita_source_reader *b) {
  return b->at + b->len < b->size;
}


int novita_source_read_more (struct novita_source_reader *b,
                             struct novita_error *e) {
  size_t rest = b->size - b->at, room = b->room * 2;
  return novita_source_has_more(b) ? grow(b, room < rest ? room : rest, e) : 0;
}


int novita_source_seek (struct novita_source_reader *b, size_t at,
                        struct novita_error *e) {
  size_t end = b->at + b->len;
  if (b->owned == NULL) {
    b->data += (ptrdiff_t)at - (ptrdiff_t)b->at;
    b->at = at;
    b->len = b->size - at;
    return 0;
  }
  if (at == b->at) return 0;
  b->len = at > b->at && at < end ? end - at : 0;
  memmove(b->owned, b->owned + (b->len > 0 ? at - b->at : 0), b->len);
  b->at = at;
  return fill(b, e);
}


int novita_source_read_all (struct novita_source_reader *b,
                            struct novita_error *e) {
  if (novita_source_seek(b, 0, e) != 0) return -1;
  return novita_source_has_more(b) ? grow(b, b->size, e) : 0;
}


/* may be called twice, and on a zeroed reader */
void novita_source_close (struct novita_source_reader *b) {
  free(b->owned);
  if (b->is_open) close(b->fd);
  memset(b, 0, sizeof *b);
}
