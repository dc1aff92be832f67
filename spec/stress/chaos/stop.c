/*
** stop.c: to be preloaded. Stops the process with SIGSTOP before the STOP_AT'th
** system call of its first paid request, from the intent to the record of the
** task. The program marks its begin and end by removing files that do not
** exist. If STOP_COUNT is set, the number of calls is written to that file.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool counts, was_there;
static long calls;


static void step (void) {
  const char *at = getenv("STOP_AT");
  if (!counts) return;
  calls++;
  if (at != NULL && calls == atol(at)) kill(getpid(), SIGSTOP);
}


/* ISO C has no conversion from an object pointer to a function pointer */
#define REAL(type, name, params) \
  static type (*real) params; \
  if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, name)

#define CALL(type, name, params, args) \
  type name params { \
    REAL(type, #name, params); \
    step(); \
    return real args; \
  }


static void write_count (void) {
  const char *path = getenv("STOP_COUNT");
  FILE *f = path != NULL ? fopen(path, "w") : NULL;
  if (f == NULL) return;
  fprintf(f, "%ld\n", calls);
  fclose(f);
}


int remove (const char *path) {
  REAL(int, "remove", (const char *));
  if (strcmp(path, "/paid request/begin") == 0) {
    counts = !was_there;
    was_there = true;
  }
  else if (strcmp(path, "/paid request/end") == 0 && counts) {
    counts = false;
    write_count();
  }
  return real(path);
}


CALL(int, socket, (int domain, int type, int protocol),
     (domain, type, protocol))
CALL(int, connect, (int fd, const struct sockaddr *to, socklen_t n),
     (fd, to, n))
CALL(int, setsockopt, (int fd, int level, int name, const void *value,
                       socklen_t n), (fd, level, name, value, n))
CALL(int, getsockopt, (int fd, int level, int name, void *value,
                       socklen_t *n), (fd, level, name, value, n))
CALL(int, getsockname, (int fd, struct sockaddr *to, socklen_t *n),
     (fd, to, n))
CALL(int, getpeername, (int fd, struct sockaddr *to, socklen_t *n),
     (fd, to, n))
CALL(ssize_t, send, (int fd, const void *data, size_t n, int flags),
     (fd, data, n, flags))
CALL(ssize_t, recv, (int fd, void *data, size_t n, int flags),
     (fd, data, n, flags))
CALL(ssize_t, read, (int fd, void *data, size_t n), (fd, data, n))
CALL(ssize_t, write, (int fd, const void *data, size_t n), (fd, data, n))
CALL(int, close, (int fd), (fd))
CALL(int, poll, (struct pollfd *fds, nfds_t n, int timeout),
     (fds, n, timeout))
CALL(int, epoll_wait, (int fd, struct epoll_event *events, int n,
                       int timeout), (fd, events, n, timeout))
CALL(int, epoll_ctl, (int fd, int op, int target,
                      struct epoll_event *event), (fd, op, target, event))

/* its third argument, if there is one, is a number or a pointer */
int fcntl (int fd, int command, ...) {
  va_list list;
  void *value;
  REAL(int, "fcntl", (int, int, ...));
  va_start(list, command);
  value = va_arg(list, void *);
  va_end(list);
  step();
  return real(fd, command, value);
}


CALL(int, timer_create, (clockid_t clock, struct sigevent *how,
                         timer_t *timer), (clock, how, timer))
CALL(int, timer_settime, (timer_t timer, int flags,
                          const struct itimerspec *when,
                          struct itimerspec *before),
     (timer, flags, when, before))
CALL(int, timer_delete, (timer_t timer), (timer))
