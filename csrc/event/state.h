/*
** state.h: what a loop consists of, and what may be asked of it at any time:
** to watch a descriptor, to keep a timer, to be woken. Turning it is in loop.h.
*/
#ifndef novita_event_state_h
#define novita_event_state_h

#include <stdbool.h>
#include <sys/types.h>

#include "../base/heap.h"
#include "poller.h"

struct novita_op;
struct novita_worker_pool;

struct novita_timer {
  struct novita_timer_node node;  /* first member */
  void (*fire) (struct novita_timer *timer);
};

/* told that 'fd' is ready; may forget descriptors, its own included */
typedef void novita_loop_io_callback (void *owner, int fd, int events);

struct novita_loop_io {
  novita_loop_io_callback *ready;
  void *owner;
};

struct novita_loop {
  struct novita_poller *poller;
  struct novita_heap timers;
  struct novita_loop_io *io;       /* by descriptor */
  int io_size;
  int watched;                     /* descriptors in the poller */
  struct novita_op *first, *last;  /* news */
  int live;                        /* ops whose end nobody has taken */
  struct novita_worker_pool *workers;  /* NULL until the first job */
  int worker_count;                /* threads to start; 0 = one per core */
  double alarm;                    /* what the poller was last told */
  bool shared;                     /* somebody else waits for our descriptor */
  bool stepping;                   /* novita_loop_step is on the stack */
  int users;                       /* clients that are open */
  pid_t owner;                     /* the process that has opened it */
};

/* -1 and errno; forgetting (events 0) cannot fail */
NOVITA_FUNC int novita_loop_watch (struct novita_loop *loop, int fd,
                                   int events, novita_loop_io_callback *ready, void *owner);
/* make the descriptor readable; from any thread */
NOVITA_FUNC void novita_loop_wake (struct novita_loop *loop);
/* the same where it is needed: something came up outside of a step, and
** somebody else waits for the descriptor. From the loop's thread. */
NOVITA_FUNC void novita_loop_kick (struct novita_loop *loop);

/* a place for one timer more, before it is first started; -1 without memory */
NOVITA_FUNC int novita_timer_reserve (struct novita_loop *loop);
/* its owner needs it no more; it is stopped */
NOVITA_FUNC void novita_timer_release (struct novita_loop *loop);
/* (re)start one that has been promised */
NOVITA_FUNC void novita_timer_start (struct novita_loop *loop,
                                     struct novita_timer *timer, double at);
NOVITA_FUNC void novita_timer_stop (struct novita_loop *loop,
                                    struct novita_timer *timer);

/* for the loop itself: what is due, and who hears of a ready descriptor */
NOVITA_FUNC double novita_timer_first_due (const struct novita_loop *loop);
NOVITA_FUNC void novita_timer_fire_due (struct novita_loop *loop);
/* tell the poller when the first one is due */
NOVITA_FUNC void novita_timer_set_alarm (struct novita_loop *loop);
NOVITA_FUNC void novita_loop_dispatch (struct novita_loop *loop,
                                       const struct novita_poller_event *ready);

#endif
