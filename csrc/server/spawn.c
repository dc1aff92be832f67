/*
** spawn.c: see spawn.h. posix_spawn, because fork in a program with threads and
** much memory is slow, and because the child then runs nothing of ours.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"

#define FIRST_FREE 4  /* the child has 0 to 3 */
#define SHORTAGE "resources"  /* the code of an error that may be gone later */


static void close_all (int *fd) {
  int i;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++) {
    if (fd[i] >= 0) close(fd[i]);
    fd[i] = -1;
  }
}


/* {====== pipes ====== */

/* A descriptor below FIRST_FREE, in a program that has closed some, would be
** overwritten in the child. */
static int move_up (int fd) {
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE);
  int saved = errno;
  close(fd);
  errno = saved;
  return moved;
}


static int open_pipe (int *from, int *to) {
  int fd[2];
  if (pipe(fd) != 0) return -1;
  *from = move_up(fd[0]);
  *to = move_up(fd[1]);
  if (*from < 0 || *to < 0) return -1;
  return fcntl(*from, F_SETFL, O_NONBLOCK);
}


static int open_pipes (int *from, int *to, struct novita_error *e) {
  int i;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++) from[i] = to[i] = -1;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++)
    if (open_pipe(&from[i], &to[i]) != 0)
      return novita_error_set(e, NOVITA_ERROR_FILE, SHORTAGE,
                              "cannot open a pipe: %s; raise 'ulimit -n'",
                              strerror(errno));
  return 0;
}

/* }====== */


/* {====== what the child does before it becomes the program ====== */

/* The functions return their error. */
static int add_actions (posix_spawn_file_actions_t *a,
                        const struct novita_spawn_options *o, const int *to) {
  int i, r = posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDONLY, 0);
  for (i = 0; r == 0 && i < NOVITA_SPAWN_PIPES; i++)
    r = posix_spawn_file_actions_adddup2(a, to[i], i + 1);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  if (r == 0) r = posix_spawn_file_actions_addclosefrom_np(a, FIRST_FREE);
#endif
  if (r == 0 && o->folder != NULL)
    r = posix_spawn_file_actions_addchdir_np(a, o->folder);
  return r;
}


static int set_attributes (posix_spawnattr_t *attributes) {
  sigset_t none, all;
  short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                POSIX_SPAWN_SETSIGDEF;
  int r;
  sigemptyset(&none);
  sigfillset(&all);
  r = posix_spawnattr_setpgroup(attributes, 0);
  if (r == 0) r = posix_spawnattr_setsigmask(attributes, &none);
  if (r == 0) r = posix_spawnattr_setsigdefault(attributes, &all);
  if (r == 0) r = posix_spawnattr_setflags(attributes, flags);
  return r;
}

/* }====== */


static int spawn (const struct novita_spawn_options *o, const int *to,
                  pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int r = posix_spawn_file_actions_init(&actions);
  if (r != 0) return r;
  r = posix_spawnattr_init(&attributes);
  if (r == 0) {
    r = add_actions(&actions, o, to);
    if (r == 0) r = set_attributes(&attributes);
    if (r == 0)
      r = posix_spawnp(pid, o->argv[0], &actions, &attributes, o->argv,
                       o->environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return r;
}


static const char *code_of (int why) {
  switch (why) {
    case EAGAIN: case EMFILE: case ENFILE: case ENOMEM: return SHORTAGE;
    default: return "spawn";
  }
}


int novita_spawn_start (const struct novita_spawn_options *o, pid_t *pid,
                        int fd[NOVITA_SPAWN_PIPES], struct novita_error *e) {
  int to[NOVITA_SPAWN_PIPES];
  int r = open_pipes(fd, to, e);
  if (r == 0) {
    int why = spawn(o, to, pid);
    if (why != 0)
      r = novita_error_set(e, NOVITA_ERROR_FILE, code_of(why),
                           "cannot start %s: %s", o->argv[0], strerror(why));
  }
  close_all(to);
  if (r != 0) close_all(fd);
  return r;
}
