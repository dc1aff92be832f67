/*
** server.h: one running emulator: a listening socket on loopback, the
** server's thread, the thread that resumes suspended connections, the thread
** that sends webhooks, and the rules.
*/
#ifndef novita_httpd_server_h
#define novita_httpd_server_h

#include <stdbool.h>
#include <sys/types.h>

#include "webhook_sender.h"
#include "suspend.h"
#include "rules.h"

struct novita_httpd {
  struct MHD_Daemon *daemon;   /* NULL: not running */
  struct novita_suspend_queue suspend;
  struct novita_rules rules;
  struct novita_webhook_sender sender;
  size_t body_limit;           /* bytes */
  int port;
  pid_t pid;                   /* the process that has its threads */
};

struct novita_httpd_options {
  const char *path, *cpath;    /* for the rules' own 'require' */
  lua_CFunction core;          /* opens a compiled-in novita.core, or NULL */
  const char *options;         /* JSON */
  int port;                    /* 0 = any free port */
  size_t body_limit;
};

/* -1: 'error' says why */
NOVITA_FUNC int
novita_httpd_server_start (struct novita_httpd *s,
                      const struct novita_httpd_options *start,
                      char *error, size_t error_size);

/* whether its threads are in the parent process, where we cannot stop them */
NOVITA_FUNC bool novita_httpd_server_inherited (const struct novita_httpd *s);

/* does nothing if it is not running; forgets a service of the parent process */
NOVITA_FUNC void novita_httpd_server_stop (struct novita_httpd *s);

#endif
