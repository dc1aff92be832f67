/*
** spawn.h: start a program, without a shell: in its own process group,
** with no signal blocked or ignored, /dev/null as stdin, pipes as stdout, as
** stderr and as descriptor 3, and no other descriptor of ours.
*/
#ifndef novita_server_spawn_h
#define novita_server_spawn_h

#include <sys/types.h>

#include "../base/error.h"

enum { NOVITA_SPAWN_STDOUT, NOVITA_SPAWN_STDERR, NOVITA_SPAWN_PROGRESS,
       NOVITA_SPAWN_PIPES };

struct novita_spawn_options {
  char *const *argv;        /* the first is looked for in PATH, as in a shell */
  char *const *environment; /* all of it */
  const char *folder;       /* to start in; NULL: ours */
};

/* 'fd' gets the ends to read from, which do not block. The group has the number
** of the process. The code of an error is "resources" if descriptors, memory or
** processes are used up, and "spawn" if the program cannot be started. */
NOVITA_FUNC int novita_spawn_start (const struct novita_spawn_options *o,
                                    pid_t *pid, int fd[NOVITA_SPAWN_PIPES],
                                    struct novita_error *e);

#endif
