/*
** server.h: one running server: a listening socket, the server's thread, the
** thread that resumes suspended connections, and the rules.
*/
#ifndef novita_httpd_server_h
#define novita_httpd_server_h

#include <stdbool.h>
#include <sys/types.h>

#include "rules.h"
#include "suspend.h"

struct novita_httpd {
  struct MHD_Daemon *daemon;   /* NULL: not running */
  struct novita_suspend_queue suspend;
  struct novita_rules rules;
  size_t body_limit;           /* bytes */
  int port;
  pid_t pid;                   /* the process that has its threads */
  char name[32];               /* "the emulator", for messages */
};

struct novita_httpd_options {
  struct novita_rules_options rules;
  const char *address;         /* a number, such as "127.0.0.1" */
  int port;                    /* 0 = any free port */
  const char *certificate, *key;  /* names of files; NULL: no TLS */
  size_t body_limit;
  unsigned timeout;            /* seconds without a byte; 0: no limit */
  double tick;                 /* seconds between two ticks of the rules; 0: no
                               ** ticks */
};

/* -1: 'error' says why */
NOVITA_FUNC int
novita_httpd_server_start (struct novita_httpd *s,
                           const struct novita_httpd_options *options,
                           char *error, size_t error_size);

/* whether its threads are in the parent process, where we cannot stop them */
NOVITA_FUNC bool novita_httpd_server_inherited (const struct novita_httpd *s);

/* does nothing if it is not running; forgets a server of the parent process */
NOVITA_FUNC void novita_httpd_server_stop (struct novita_httpd *s);

#endif
