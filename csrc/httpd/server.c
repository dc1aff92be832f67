/*
** server.c: see server.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connection.h"
#include "listen.h"
#include "server.h"
#include "tls_files.h"

#define CONNECTIONS 4000u  /* at most */
#define CONNECTION_MEMORY (128u * 1024u)  /* headers and a part of the body */
#define PRIORITIES "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"  /* GnuTLS */


/* MHD_start_daemon closes the socket after some failures, not after others.
** Another thread may have got its number since. */
static void close_if_same (int fd, const struct stat *before) {
  struct stat after;
  if (fstat(fd, &after) == 0 && after.st_ino == before->st_ino &&
      after.st_dev == before->st_dev)
    close(fd);
}


/* A quarter of the descriptors is left for the program's files and pipes:
** anyone can open connections. */
static unsigned connection_limit (void) {
  struct rlimit most;
  if (getrlimit(RLIMIT_NOFILE, &most) != 0 ||
      most.rlim_cur / 4 * 3 >= CONNECTIONS)
    return CONNECTIONS;
  return most.rlim_cur < 8 ? 1 : (unsigned)(most.rlim_cur / 4 * 3);
}


/* With TLS the server is reached from other machines: one of them must leave
** connections for the rest. 0: no limit. */
static unsigned limit_per_address (bool use_tls) {
  return use_tls ? (connection_limit() + 1) / 2 : 0;
}


/* owns 'fd' from here on, even if the daemon does not start */
static struct MHD_Daemon *start_daemon (struct novita_httpd *s, int fd,
                                        unsigned timeout,
                                        const struct novita_tls_files *tls) {
  unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                   MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_TURBO;
  union { const char *in; void *out; } priorities = {PRIORITIES};
  struct MHD_OptionItem secure[] = {
    {MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate},
    {MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
    {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.out},
    {MHD_OPTION_END, 0, NULL}
  };
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  bool use_tls = tls->certificate != NULL;
  struct MHD_Daemon *daemon;
  struct stat socket;
  fstat(fd, &socket);
  if (use_tls) flags |= MHD_USE_TLS;
  daemon = MHD_start_daemon(
    flags, 0, NULL, NULL, novita_connection_step, s,
    MHD_OPTION_LISTEN_SOCKET, fd,
    MHD_OPTION_URI_LOG_CALLBACK, novita_connection_begin, s,
    MHD_OPTION_NOTIFY_COMPLETED, novita_connection_end, s,
    MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
    MHD_OPTION_PER_IP_CONNECTION_LIMIT, limit_per_address(use_tls),
    MHD_OPTION_CONNECTION_TIMEOUT, timeout,
    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
    MHD_OPTION_ARRAY, use_tls ? secure : none,
    MHD_OPTION_END);
  if (daemon == NULL) close_if_same(fd, &socket);
  return daemon;
}


static void tick (void *arg) {
  novita_rules_tick(arg);
}


static int start_threads (struct novita_httpd *s, int fd,
                          const struct novita_httpd_options *options,
                          const struct novita_tls_files *tls) {
  errno = novita_suspend_open(&s->suspend, tick, &s->rules, options->tick);
  if (errno != 0) {
    close(fd);
    return -1;
  }
  s->daemon = start_daemon(s, fd, options->timeout, tls);
  if (s->daemon != NULL) return 0;
  novita_suspend_close(&s->suspend);
  return -1;
}


/* Our threads block all signals, so that the program gets them. */
static int start_threads_blocked (struct novita_httpd *s, int fd,
                                  const struct novita_httpd_options *options,
                                  const struct novita_tls_files *tls) {
  sigset_t all, before;
  int r;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  r = start_threads(s, fd, options, tls);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return r;
}


/* the error of starting a server, whose reason libmicrohttpd does not tell */
static void explain (const struct novita_httpd *s, bool use_tls,
                     const char *address, char *error, size_t size) {
  int saved = errno;
  if (use_tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
    snprintf(error, size, "this libmicrohttpd has no TLS");
  else if (use_tls)
    snprintf(error, size, "cannot start a server with TLS: the certificate or "
             "its key is not valid, or they do not belong together");
  else snprintf(error, size, "cannot start a server on %s:%d: %s", address,
                s->port, strerror(saved));
}


/* with a socket, which it owns from here on */
static int start_on (struct novita_httpd *s, int fd,
                     const struct novita_httpd_options *options,
                     const struct novita_tls_files *tls,
                     char *error, size_t error_size) {
  if (novita_rules_open(&s->rules, &options->rules, s->port, error,
                        error_size) != 0) {
    close(fd);
    return -1;
  }
  if (start_threads_blocked(s, fd, options, tls) == 0) return 0;
  explain(s, tls->certificate != NULL, options->address, error, error_size);
  novita_rules_close(&s->rules);
  return -1;
}


int novita_httpd_server_start (struct novita_httpd *s,
                               const struct novita_httpd_options *options,
                               char *error, size_t error_size) {
  struct novita_tls_files tls;
  int fd, r;
  if (novita_tls_files_read(&tls, options->certificate, options->key, error,
                            error_size) != 0)
    return -1;
  fd = novita_listen_open(options->address, options->port);
  if (fd < 0) {
    snprintf(error, error_size, "cannot listen on %s:%d: %s", options->address,
             options->port, strerror(errno));
    novita_tls_files_free(&tls);
    return -1;
  }
  s->port = novita_listen_port(fd);
  s->body_limit = options->body_limit;
  s->pid = getpid();
  r = start_on(s, fd, options, &tls, error, error_size);
  novita_tls_files_free(&tls);
  return r;
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
