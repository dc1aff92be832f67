/*
** server.c: see server.h
*/
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "server.h"

#define CONNECTIONS 4000u
#define CONNECTION_MEMORY (128u * 1024u)  /* headers and a part of the body */
#define BACKLOG 1024


static void explain (char *error, size_t size, const char *what, int port) {
  snprintf(error, size, "%s 127.0.0.1:%d: %s", what, port, strerror(errno));
}


static int bound_port (int fd) {
  struct sockaddr_in address = {0};
  socklen_t len = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return -1;
  return ntohs(address.sin_port);
}


/* a listening socket on loopback, or -1 with errno */
static int listen_on (int port) {
  struct sockaddr_in address;
  int yes = 1, saved;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
      listen(fd, BACKLOG) == 0)
    return fd;
  saved = errno;
  close(fd);
  errno = saved;
  return -1;
}


/* owns 'fd' from here on, even if the daemon does not start */
static struct MHD_Daemon *start_daemon (struct novita_httpd *s, int fd) {
  unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                   MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_TURBO;
  struct MHD_Daemon *daemon = MHD_start_daemon(
    flags, 0, NULL, NULL, novita_connection_step, s,
    MHD_OPTION_LISTEN_SOCKET, fd,
    MHD_OPTION_URI_LOG_CALLBACK, novita_connection_begin, s,
    MHD_OPTION_NOTIFY_COMPLETED, novita_connection_end, s,
    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
    MHD_OPTION_END);
  if (daemon == NULL) close(fd);
  return daemon;
}


static void tick (void *arg) {
  novita_rules_tick(arg);
}


static int start_threads (struct novita_httpd *s, int fd, double interval) {
  errno = novita_suspend_open(&s->suspend, tick, &s->rules, interval);
  if (errno != 0) {
    close(fd);
    return -1;
  }
  s->daemon = start_daemon(s, fd);
  if (s->daemon != NULL) return 0;
  novita_suspend_close(&s->suspend);
  return -1;
}


/* Our threads block all signals, so that the program gets them. */
static int start_threads_blocked (struct novita_httpd *s, int fd,
                                  double interval) {
  sigset_t all, before;
  int r;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  r = start_threads(s, fd, interval);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return r;
}


int novita_httpd_server_start (struct novita_httpd *s,
                               const struct novita_httpd_options *options,
                               char *error, size_t error_size) {
  int fd = listen_on(options->port);
  if (fd < 0) {
    explain(error, error_size, "cannot listen on", options->port);
    return -1;
  }
  s->port = bound_port(fd);
  s->body_limit = options->body_limit;
  s->pid = getpid();
  if (novita_rules_open(&s->rules, &options->rules, s->port, error,
                        error_size) != 0) {
    close(fd);
    return -1;
  }
  if (start_threads_blocked(s, fd, options->tick) == 0) return 0;
  explain(error, error_size, "cannot start a server on", s->port);
  novita_rules_close(&s->rules);
  return -1;
}


bool novita_httpd_server_inherited (const struct novita_httpd *s) {
  return s->pid != getpid();
}


void novita_httpd_server_stop (struct novita_httpd *s) {
  struct MHD_Daemon *daemon = s->daemon;
  if (daemon == NULL) return;
  s->daemon = NULL;
  if (novita_httpd_server_inherited(s)) return;
  /* the daemon must not have suspended connections when it stops */
  novita_suspend_close(&s->suspend);
  MHD_stop_daemon(daemon);
  novita_rules_close(&s->rules);
}
