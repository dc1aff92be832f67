/*
** strays.h: the processes that a program has left: children, and those that
** have left its process group. All of them inherit a mark in their environment,
** unless they clear it. One walk over /proc costs some 20 us for each process
** of the machine; on a system without /proc nothing is found.
*/
#ifndef novita_server_strays_h
#define novita_server_strays_h

#include <sys/types.h>

#include "../base/func.h"

/* "NAME=value", with a value that nothing else has */
#define NOVITA_STRAYS_MARK 96

/* Kill every process that has the mark, and reap the children of this process
** that belonged to the group 'group' (0: none) or, if this process is the
** reaper of orphans, to another session. Returns how many processes were
** there; call it again until it returns 0. */
NOVITA_FUNC int novita_strays_kill (const char *mark, pid_t group);

#endif
