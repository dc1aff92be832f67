/*
** part_file.c: see part_file.h. The lock is flock's, which belongs to the open
** file: two descriptors of one process exclude each other, too, and closing
** another descriptor of the file does not drop it.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_sync.h"
#include "part_file.h"

#define MOST_TRIES 10   /* the file may be removed or renamed meanwhile */
#define AGAIN (-2)


/* Some file systems cannot lock; a file without a lock is better than none. */
static bool is_held (int fd) {
  int r;
  do r = flock(fd, LOCK_EX | LOCK_NB);
  while (r != 0 && errno == EINTR);
  return r != 0 && errno == EWOULDBLOCK;
}


/* AGAIN: 'path' may lead to another file now */
static int replace (const char *path, int error) {
  if (unlink(path) == 0 || errno == ENOENT) return AGAIN;
  errno = error;
  return -1;
}


/* 0: the open file is locked, and 'path' is its only name. Its last holder may
** have renamed or removed it before the lock was ours. */
static int claim (int fd, const char *path) {
  struct stat st, named;
  if (is_held(fd)) {
    errno = EWOULDBLOCK;
    return -1;
  }
  if (fstat(fd, &st) != 0) return -1;
  if (lstat(path, &named) != 0 || named.st_dev != st.st_dev ||
      named.st_ino != st.st_ino)
    return AGAIN;
  if (S_ISREG(st.st_mode) && st.st_nlink == 1) return 0;
  return replace(path, EEXIST);
}


/* a symbolic link, a file of someone else's, a socket */
static bool is_replaceable (int error) {
  return error == ELOOP || error == EMLINK || error == EACCES ||
         error == ENXIO;
}


static int open_once (const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
                O_CLOEXEC, 0666);
  int r, error;
  if (fd < 0) return is_replaceable(errno) ? replace(path, errno) : -1;
  r = claim(fd, path);
  if (r == 0) return fd;
  error = errno;
  close(fd);
  errno = error;
  return r;
}


int novita_part_file_open (const char *path) {
  int i, fd = AGAIN;
  for (i = 0; i < MOST_TRIES && fd == AGAIN; i++) fd = open_once(path);
  if (fd != AGAIN) return fd;
  errno = EBUSY;
  return -1;
}


int novita_part_file_add (int fd, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t w = write(fd, bytes, n);
    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) return -1;
    bytes += w;
    n -= (size_t)w;
  }
  novita_file_sync_begin(fd);
  return 0;
}
