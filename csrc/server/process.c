/*
** process.c: see process.h. The phases: it runs; it is stopping (SIGTERM was
** sent, SIGKILL follows); it has exited, and its strays are killed until a walk
** finds none; its pipes have ended and its lines were taken.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../event/loop.h"
#include "process.h"

#define SWEEP 0.02          /* seconds between two walks for strays */
#define SWEEPS 10           /* seconds after which strays are given up */
#define LINGER 1            /* seconds for pipes that outlive all strays */
#define BLIND 0.05          /* seconds between two questions without a pidfd */

/* {====== signals ====== */

/* 'pid' is ours until the process is reaped, and so is its group */
static void signal_group (const struct novita_process *p, int number) {
  if (p->exited) return;
  kill(-p->pid, number);
  kill(p->pid, number);
}


static void stop (struct novita_process *p, enum novita_process_reason why) {
  if (p->stopping || p->exited) return;
  p->stopping = true;
  p->reason = why;
  p->kill_at = novita_clock_now() + p->grace;
  signal_group(p, SIGTERM);
  signal_group(p, SIGCONT);
}

/* }====== */


/* {====== the timer ====== */

static double earlier (double a, double b) {
  return a < b ? a : b;
}


static double next_due (const struct novita_process *p) {
  double due = NOVITA_NEVER;
  if (p->exited) return p->clean ? p->close_at : p->sweep_at;
  if (p->pidfd < 0) due = novita_clock_now() + BLIND;
  if (p->stopping) return earlier(due, p->kill_at);
  return earlier(due, earlier(p->deadline, p->output.heard + p->silence));
}


static void arm (struct novita_process *p) {
  double due = next_due(p);
  if (due < NOVITA_NEVER) novita_timer_start(p->op.loop, &p->timer, due);
  else novita_timer_stop(p->op.loop, &p->timer);
}

/* }====== */


/* {====== the end ====== */

static void stop_timer (struct novita_process *p) {
  novita_timer_stop(p->op.loop, &p->timer);
  novita_timer_release(p->op.loop);
}


/* A line that was read last is taken before the end is reported. */
static void check_end (struct novita_process *p) {
  if (p->op.state != NOVITA_OP_RUNNING || !p->clean ||
      !novita_output_ended(&p->output))
    return;
  if (p->output.queue.len > 0) {
    novita_op_changed(&p->op);
    return;
  }
  stop_timer(p);
  novita_op_finish(&p->op);
}


static void sweep (struct novita_process *p) {
  double now = novita_clock_now();
  int found = novita_strays_kill(p->mark, p->pid);
  if (found > p->strays) p->strays = found;
  p->sweep_at = now + SWEEP;
  if (found > 0 && now < p->ended + SWEEPS) return;
  p->clean = true;
  p->close_at = now + LINGER;
}


/* whether the process has ended; it is then reaped, after the rest of its group
** was killed: until then the number of the group cannot be another one's */
static bool reap (struct novita_process *p) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    info.si_pid = p->pid;  /* somebody else has reaped it */
  if (info.si_pid == 0) return false;
  kill(-p->pid, SIGKILL);
  memset(&info, 0, sizeof info);
  if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG) != 0)
    p->status = -1;
  else if (info.si_code == CLD_EXITED) p->status = info.si_status;
  else p->signal = info.si_status;
  p->exited = true;
  p->ended = novita_clock_now();
  return true;
}


static void close_pidfd (struct novita_process *p) {
  if (p->pidfd < 0) return;
  novita_loop_watch(p->op.loop, p->pidfd, 0, NULL, NULL);
  close(p->pidfd);
  p->pidfd = -1;
}


static void check_exit (struct novita_process *p) {
  if (p->exited || !reap(p)) return;
  close_pidfd(p);
  sweep(p);
}


static void on_exit_ready (void *context, int fd, int events) {
  struct novita_process *p = context;
  (void)fd; (void)events;
  check_exit(p);
  arm(p);
  check_end(p);
}


/* The last lines are taken first, if somebody takes them. */
static void close_pipes (struct novita_process *p, double now) {
  if (now < p->close_at) return;
  p->close_at = NOVITA_NEVER;
  if (p->output.queue.len > 0 && now < p->ended + SWEEPS)
    p->close_at = now + SWEEP;
  else novita_output_end(&p->output);
}


static void act_while_running (struct novita_process *p, double now) {
  if (p->stopping) {
    if (now < p->kill_at) return;
    p->kill_at = NOVITA_NEVER;
    signal_group(p, SIGKILL);
  }
  else if (now >= p->deadline) stop(p, NOVITA_PROCESS_TIMEOUT);
  else if (now >= p->output.heard + p->silence) stop(p, NOVITA_PROCESS_SILENT);
}


static void on_timer (struct novita_timer *timer) {
  struct novita_process *p =
    NOVITA_CONTAINER_OF(timer, struct novita_process, timer);
  double now = novita_clock_now();
  if (!p->exited) {
    if (p->pidfd < 0) check_exit(p);
    if (!p->exited) act_while_running(p, now);
  }
  else if (!p->clean) sweep(p);
  else close_pipes(p, now);
  arm(p);
  check_end(p);
}

/* }====== */


/* {====== cancel: kill at once, and wait for the deaths, some milliseconds */

static void pause_briefly (void) {
  struct timespec t = {0, 1000000};
  nanosleep(&t, NULL);
}


static void cancel (struct novita_op *op) {
  struct novita_process *p = (struct novita_process *)op;
  double until = novita_clock_now() + SWEEPS;
  signal_group(p, SIGKILL);
  while (!p->exited && !reap(p) && novita_clock_now() < until) pause_briefly();
  while (!p->clean && novita_strays_kill(p->mark, p->pid) > 0 &&
         novita_clock_now() < until)
    pause_briefly();
  close_pidfd(p);
  novita_output_end(&p->output);
  stop_timer(p);
}

/* }====== */


static const struct novita_op_class process_class = {"process", cancel};


void novita_process_stop (struct novita_process *p) {
  if (p->op.state != NOVITA_OP_RUNNING) return;
  stop(p, NOVITA_PROCESS_STOPPED);
  arm(p);
}


void novita_process_take (struct novita_process *p,
                          novita_output_callback *line, void *context) {
  novita_output_take(&p->output, line, context);
  check_end(p);
}


void novita_process_free (struct novita_process *p) {
  novita_output_free(&p->output);
}


/* {====== start ====== */

static void on_output (struct novita_output *o) {
  struct novita_process *p =
    NOVITA_CONTAINER_OF(o, struct novita_process, output);
  if (o->printed > p->output_limit) stop(p, NOVITA_PROCESS_OUTPUT);
  if (o->queue.len > 0) novita_op_changed(&p->op);
  arm(p);
  check_end(p);
}


static void take_options (struct novita_process *p,
                          const struct novita_process_options *o) {
  strncpy(p->mark, o->mark, sizeof p->mark - 1);
  p->timer.fire = on_timer;
  p->output.changed = on_output;
  p->started = novita_clock_now();
  p->deadline = p->started + o->timeout;
  p->silence = o->silence;
  p->grace = o->grace;
  p->output_limit = o->output_limit;
}


/* Without a pidfd the timer asks. */
static void watch_exit (struct novita_process *p) {
  p->pidfd = -1;
#if defined(SYS_pidfd_open)
  p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
#endif
  if (p->pidfd < 0 ||
      novita_loop_watch(p->op.loop, p->pidfd, NOVITA_POLLER_READ,
                        on_exit_ready, p) == 0)
    return;
  close(p->pidfd);
  p->pidfd = -1;
}


static int spawn (struct novita_process *p,
                  const struct novita_process_options *o, int *fd,
                  struct novita_error *e) {
  if (novita_log_open(&p->output.log, o->log, o->log_limit, e) != 0) return -1;
  if (novita_spawn_start(&o->spawn, &p->pid, fd, e) == 0) return 0;
  novita_log_close(&p->output.log);
  return -1;
}


int novita_process_start (struct novita_loop *loop, struct novita_process *p,
                          const struct novita_process_options *o,
                          struct novita_error *e) {
  int fd[NOVITA_SPAWN_PIPES];
  take_options(p, o);
  if (novita_timer_reserve(loop) != 0) return novita_error_set_memory(e);
  if (spawn(p, o, fd, e) != 0) {
    novita_timer_release(loop);
    return -1;
  }
  novita_op_begin(&p->op, &process_class, loop);
  novita_output_open(&p->output, loop, fd);
  watch_exit(p);
  arm(p);
  return 0;
}

/* }====== */
