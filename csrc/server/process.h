/*
** process.h: a supervised program, as an op. It ends when the program has
** ended, whatever it has started is dead too, and everything it printed was
** taken. Nothing waits: its pipes and its end are descriptors of the loop.
**
** The program has its own process group. When it ends, the rest of the
** group is killed, and so is every process with its mark (strays.h): let the
** server's process be the reaper of orphans (PR_SET_CHILD_SUBREAPER), so that
** they can be reaped as well. Only processes that were started here are reaped,
** and no handler of a signal is used: children of the host are left alone.
*/
#ifndef novita_server_process_h
#define novita_server_process_h

#include "../event/op.h"
#include "../event/timer.h"
#include "output.h"
#include "strays.h"

/* why it was stopped */
enum novita_process_reason {
  NOVITA_PROCESS_ENDED,     /* it was not */
  NOVITA_PROCESS_TIMEOUT,
  NOVITA_PROCESS_SILENT,
  NOVITA_PROCESS_OUTPUT,
  NOVITA_PROCESS_STOPPED    /* novita_process_stop */
};

struct novita_process_options {
  struct novita_spawn_options spawn;  /* its environment contains 'mark' */
  const char *mark;         /* "NAME=value" */
  const char *log;          /* path, or NULL */
  uint64_t log_limit;       /* bytes */
  uint64_t output_limit;    /* bytes of stdout and stderr together */
  double timeout;           /* seconds in all */
  double silence;           /* seconds without a byte of output */
  double grace;             /* seconds from SIGTERM to SIGKILL */
};

struct novita_process {
  struct novita_op op;      /* first member */
  struct novita_timer timer;
  struct novita_output output;
  char mark[NOVITA_STRAYS_MARK];
  pid_t pid;                /* valid until 'exited' */
  int pidfd;                /* -1: the system has none */
  double started, ended;
  double deadline, silence, grace;
  double kill_at, sweep_at, close_at;
  uint64_t output_limit;
  enum novita_process_reason reason;
  bool stopping, exited, clean;
  int signal, status;       /* the signal that ended it, or 0 and its status */
  int strays;               /* most processes found after its end */
};

/* starts 'p', which is zeroed; the options may go away afterwards */
NOVITA_FUNC int novita_process_start (struct novita_loop *loop,
                                      struct novita_process *p,
                                      const struct novita_process_options *o,
                                      struct novita_error *e);

/* SIGTERM to its group, and SIGKILL after the grace; later calls do nothing */
NOVITA_FUNC void novita_process_stop (struct novita_process *p);

/* calls 'line' for each line since the last call; then it may print more */
NOVITA_FUNC void novita_process_take (struct novita_process *p,
                                      novita_output_callback *line,
                                      void *context);

/* free what a finished or canceled process holds; may be called twice, and on
** zeros */
NOVITA_FUNC void novita_process_free (struct novita_process *p);

#endif
