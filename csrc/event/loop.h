/*
** loop.h: the one place where the world moves. A loop owns a poller, a heap of
** timers, the worker threads and the list of news: ops that have finished or
** changed. Its descriptor can be waited for in any other loop.
** A loop belongs to one thread; only novita_loop_knock is thread safe. And it
** belongs to one process: a child made by fork shares its descriptors with the
** parent and has none of its threads, so it must leave it alone.
** Callbacks run inside novita_loop_step and only store results.
*/
#ifndef novita_event_loop_h
#define novita_event_loop_h

#include <sys/types.h>

#include "../base/heap.h"
#include "op.h"
#include "poller.h"

struct novita_timer {
  struct novita_due due;  /* first member */
  void (*fire) (struct novita_timer *timer);
};

/* told that 'fd' is ready; may forget descriptors, its own included */
typedef void novita_io (void *owner, int fd, int events);

struct novita_loop_io {
  novita_io *ready;
  void *owner;
};

struct novita_workers;

struct novita_loop {
  struct novita_poller *poller;
  struct novita_heap timers;
  struct novita_loop_io *io;       /* by descriptor */
  int io_size;
  int watched;                     /* descriptors in the poller */
  struct novita_op *first, *last;  /* news */
  int live;                        /* ops whose end nobody has taken */
  struct novita_workers *workers;  /* NULL until the first job */
  int worker_count;                /* threads to start; 0 = one per core */
  double alarm;                    /* what the poller was last told */
  bool shared;                     /* somebody else waits for our descriptor */
  bool stepping;                   /* novita_loop_step is on the stack */
  int users;                       /* clients that are open */
  pid_t owner;                     /* the process that has opened it */
};

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

/* -1 and errno; forgetting (events 0) cannot fail */
NOVITA_FUNC int novita_loop_watch (struct novita_loop *loop, int fd,
                                   int events, novita_io *ready, void *owner);
/* make the descriptor readable; from any thread */
NOVITA_FUNC void novita_loop_knock (struct novita_loop *loop);
/* the same where it is needed: something came up outside of a step, and
** somebody else waits for the descriptor. From the loop's thread. */
NOVITA_FUNC void novita_loop_remind (struct novita_loop *loop);

/* a place for one timer more, before it is first started; -1 without memory */
NOVITA_FUNC int novita_timer_promise (struct novita_loop *loop);
/* its owner needs it no more; it is stopped */
NOVITA_FUNC void novita_timer_release (struct novita_loop *loop);
/* (re)start one that has been promised */
NOVITA_FUNC void novita_timer_start (struct novita_loop *loop,
                                     struct novita_timer *timer, double at);
NOVITA_FUNC void novita_timer_stop (struct novita_loop *loop,
                                    struct novita_timer *timer);

/* an op's own side: begin, tell of a change, end */
NOVITA_FUNC void novita_op_begin (struct novita_op *op,
                                  const struct novita_op_class *class,
                                  struct novita_loop *loop);
NOVITA_FUNC void novita_op_changed (struct novita_op *op);
NOVITA_FUNC void novita_op_finish (struct novita_op *op);
/* the owner's side: stop it (any state); take the next piece of news */
NOVITA_FUNC void novita_op_cancel (struct novita_op *op);
NOVITA_FUNC struct novita_op *novita_loop_next (struct novita_loop *loop);

#endif
