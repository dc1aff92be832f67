/*
** loop.h: the event loop. A loop owns a poller, a heap of timers, the worker
** threads and the list of events: ops that have finished or changed. Any other
** loop can wait for its descriptor.
** A loop belongs to one thread; only novita_loop_wake is thread safe. A loop
** also belongs to one process: a child made by fork shares its descriptors
** with the parent and has none of its threads, so the child must not use it.
** Callbacks run inside novita_loop_step and only store results.
*/
#ifndef novita_event_loop_h
#define novita_event_loop_h

#include "loop_state.h"

NOVITA_FUNC int novita_loop_open (struct novita_loop *loop, bool force_poll,
                                  struct novita_error *e);
/* whether the loop belongs to the parent of this process; if so, no other
** function may be called */
NOVITA_FUNC bool novita_loop_inherited (const struct novita_loop *loop);
/* every op must have been taken or canceled before */
NOVITA_FUNC void novita_loop_close (struct novita_loop *loop);

/* call 'ready' when 'fd' is; events 0 stops watching, which cannot fail.
** Otherwise -1 and errno on failure. */
NOVITA_FUNC int novita_loop_watch (struct novita_loop *loop, int fd,
                                   int events, novita_loop_io_callback *ready,
                                   void *context);

/* Wait at most 'timeout' seconds, less if there are events, and run what is
** due; 0 does not wait. After some milliseconds the rest is left for the next
** step. */
NOVITA_FUNC void novita_loop_step (struct novita_loop *loop, double timeout);

/* the pollable descriptor; -1 if the backend has none */
NOVITA_FUNC int novita_loop_fd (struct novita_loop *loop);
/* seconds until novita_loop_step should be called even if the descriptor
** is not readable; NOVITA_NEVER = no need */
NOVITA_FUNC double novita_loop_timeout (const struct novita_loop *loop);

#endif
