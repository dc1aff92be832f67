/*
** short.c: to be preloaded. The SHORT_AT'th write or send of more than one
** byte takes half of what it was given, as pipes, sockets and full disks may;
** the SHORT_READ_AT'th read, pread or recv brings half of what was asked for.
** Then it makes the file SHORT_MARK.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_long writes, reads;


static size_t shorter (const char *name, atomic_long *count, size_t n) {
  const char *at = getenv(name), *mark = getenv("SHORT_MARK");
  int fd;
  if (at == NULL || n < 2) return n;
  if (atomic_fetch_add(count, 1) + 1 != atol(at)) return n;
  fd = mark != NULL ? open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;
  if (fd >= 0) close(fd);
  return n / 2;
}


/* ISO C has no conversion from an object pointer to a function pointer */
#define REAL(type, name) \
  type; *(void **)&real = dlsym(RTLD_NEXT, name)


ssize_t write (int fd, const void *data, size_t n) {
  REAL(ssize_t (*real) (int, const void *, size_t), "write");
  return real(fd, data, shorter("SHORT_AT", &writes, n));
}


ssize_t send (int fd, const void *data, size_t n, int flags) {
  REAL(ssize_t (*real) (int, const void *, size_t, int), "send");
  return real(fd, data, shorter("SHORT_AT", &writes, n), flags);
}


ssize_t read (int fd, void *data, size_t n) {
  REAL(ssize_t (*real) (int, void *, size_t), "read");
  return real(fd, data, shorter("SHORT_READ_AT", &reads, n));
}


ssize_t pread (int fd, void *data, size_t n, off_t at) {
  REAL(ssize_t (*real) (int, void *, size_t, off_t), "pread");
  return real(fd, data, shorter("SHORT_READ_AT", &reads, n), at);
}


ssize_t recv (int fd, void *data, size_t n, int flags) {
  REAL(ssize_t (*real) (int, void *, size_t, int), "recv");
  return real(fd, data, shorter("SHORT_READ_AT", &reads, n), flags);
}
