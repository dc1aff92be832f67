/*
** loop.h: the one place where the world moves. A loop owns a poller, a heap of
** timers, the worker threads and the list of news: ops that have finished or
** changed. Its descriptor can be waited for in any other loop.
** A loop belongs to one thread; only novita_loop_wake is thread safe. And it
** belongs to one process: a child made by fork shares its descriptors with the
** parent and has none of its threads, so it must leave it alone.
** Callbacks run inside novita_loop_step and only store results.
*/
#ifndef novita_event_loop_h
#define novita_event_loop_h

#include "op.h"
#include "state.h"

NOVITA_FUNC int novita_loop_open (struct novita_loop *loop, bool force_poll,
                                  struct novita_error *e);
/* whether it is the parent's of this process: nothing but this may be asked */
NOVITA_FUNC bool novita_loop_inherited (const struct novita_loop *loop);
/* every op must have been taken or cancelled before */
NOVITA_FUNC void novita_loop_close (struct novita_loop *loop);

/* wait at most 'timeout' seconds, less if there is news, and let things
** happen; 0 only looks */
NOVITA_FUNC void novita_loop_step (struct novita_loop *loop, double timeout);

/* the pollable descriptor, -1 where the backend has none */
NOVITA_FUNC int novita_loop_fd (struct novita_loop *loop);
/* seconds until novita_loop_step should be called even if the descriptor
** stays quiet; NOVITA_NEVER = no need */
NOVITA_FUNC double novita_loop_timeout (const struct novita_loop *loop);

#endif
