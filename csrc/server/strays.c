/*
** strays.c: see strays.h
*/
#define _GNU_SOURCE 1
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "strays.h"

#define MOST_ENVIRONMENT 262144  /* bytes that are searched */
#define KERNEL_THREAD 0x00200000 /* in the flags of a process */
#define UNCLEAR 16               /* processes that are asked again */
#define RETRIES 5

struct stat_line {
  char state;
  int parent, group, session;
  unsigned flags;
};

struct walk {
  const char *mark;
  size_t mark_len;
  pid_t group, self, session;
  bool reaper;              /* orphans become our children */
  pid_t unclear[UNCLEAR];   /* what may be becoming another program */
  int unclear_count;
  char *text;               /* MOST_ENVIRONMENT bytes */
};


/* {====== files of /proc ====== */

static size_t read_proc (pid_t pid, const char *name, char *out, size_t size) {
  char path[64];
  size_t len = 0;
  ssize_t n;
  int fd;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  while (len < size && (n = read(fd, out + len, size - len)) > 0)
    len += (size_t)n;
  close(fd);
  return len;
}


/* The name of the program is in parentheses and may contain any character. */
static bool read_stat (pid_t pid, struct stat_line *s) {
  char text[512];
  const char *after;
  size_t len = read_proc(pid, "stat", text, sizeof text - 1);
  text[len] = '\0';
  after = strrchr(text, ')');
  return after != NULL &&
         sscanf(after + 1, " %c %d %d %d %*d %*d %u", &s->state, &s->parent,
                &s->group, &s->session, &s->flags) == 5;
}

/* }====== */


/* {====== one process ====== */

/* A process that becomes another program has no environment for a moment. It is
** then not asleep. */
static bool is_unclear (const struct stat_line *s) {
  return (s->state == 'R' || s->state == 'D') &&
         (s->flags & KERNEL_THREAD) == 0;
}


/* the entries of an environment end with a NUL each */
static bool has_mark (struct walk *w, pid_t pid, const struct stat_line *s) {
  size_t len = read_proc(pid, "environ", w->text, MOST_ENVIRONMENT);
  const char *at = w->text, *end = w->text + len;
  if (len == 0 && is_unclear(s) && w->unclear_count < UNCLEAR)
    w->unclear[w->unclear_count++] = pid;
  while (at < end && (at = memmem(at, (size_t)(end - at), w->mark,
                                  w->mark_len + 1)) != NULL) {
    if (at == w->text || at[-1] == '\0') return true;
    at++;
  }
  return false;
}


/* The descriptor is opened before the mark is read, for the number may be given
** to another process meanwhile. */
static bool kill_if_marked (struct walk *w, pid_t pid,
                            const struct stat_line *s) {
  int pidfd = -1;
  bool found;
#if defined(SYS_pidfd_open)
  pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
  found = has_mark(w, pid, s);
#if defined(SYS_pidfd_send_signal)
  if (found && pidfd >= 0)
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
#endif
  if (found && pidfd < 0) kill(pid, SIGKILL);
  if (pidfd >= 0) close(pidfd);
  return found;
}


static bool is_ours_to_reap (const struct walk *w, pid_t pid,
                             const struct stat_line *s) {
  if (s->parent != w->self || pid == w->group) return false;
  if (w->group != 0 && s->group == w->group) return true;
  return w->reaper && s->session != w->session;
}


/* whether it was there, and alive */
static bool handle (struct walk *w, pid_t pid) {
  struct stat_line s;
  siginfo_t info;
  if (pid == w->self || !read_stat(pid, &s)) return false;
  if (s.state != 'Z') return kill_if_marked(w, pid, &s);
  if (is_ours_to_reap(w, pid, &s))
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG);
  return false;
}

/* }====== */


static bool is_reaper (void) {
  int reaper = 0;
#if defined(PR_GET_CHILD_SUBREAPER)
  if (prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0) != 0) return false;
#endif
  return reaper != 0;
}


static int handle_all (struct walk *w) {
  DIR *folder = opendir("/proc");
  struct dirent *entry;
  int found = 0;
  if (folder == NULL) return 0;
  while ((entry = readdir(folder)) != NULL)
    if (isdigit((unsigned char)entry->d_name[0]))
      found += handle(w, (pid_t)atoi(entry->d_name));
  closedir(folder);
  return found;
}


/* those that were unclear, once more after a moment */
static int handle_unclear (struct walk *w) {
  const struct timespec moment = {0, 1000000};
  int i, found = 0, count = w->unclear_count;
  nanosleep(&moment, NULL);
  w->unclear_count = 0;
  for (i = 0; i < count; i++) found += handle(w, w->unclear[i]);
  return found;
}


int novita_strays_kill (const char *mark, pid_t group) {
  struct walk w = {.mark = mark, .mark_len = strlen(mark), .group = group};
  int found, i;
  w.self = getpid();
  w.session = getsid(0);
  w.reaper = is_reaper();
  w.text = malloc(MOST_ENVIRONMENT);
  if (w.text == NULL) return 1;  /* not known: call again */
  found = handle_all(&w);
  for (i = 0; i < RETRIES && w.unclear_count > 0; i++)
    found += handle_unclear(&w);
  free(w.text);
  return found;
}
