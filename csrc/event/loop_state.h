/*
** loop_state.h: the parts of a loop. Its functions are in loop.h; timer.h,
** op.h and worker.h each work on one of the parts.
*/
#ifndef novita_event_loop_state_h
#define novita_event_loop_state_h

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../base/heap.h"
#include "../base/list.h"
#include "poller.h"

struct novita_worker_pool;

#define NOVITA_LOOP_READY 64   /* descriptors to take from the poller at once */

/* called when 'fd' is ready; it may stop watching any descriptor, 'fd'
** included */
typedef void novita_loop_io_callback (void *context, int fd, int events);

struct novita_loop_io {
  novita_loop_io_callback *ready;
  void *context;
};

struct novita_loop {
  struct novita_poller *poller;
  struct novita_heap timers;
  struct novita_loop_io *io;       /* by descriptor */
  int io_size;
  int watched;                     /* descriptors in the poller */
  struct novita_poller_event ready[NOVITA_LOOP_READY];  /* of the last wait */
  int ready_next, ready_count;     /* those that are not dispatched yet */
  struct novita_list events;       /* ops that have finished or changed */
  int live;                        /* ops whose end has not been taken */
  struct novita_worker_pool *workers;  /* NULL until the first job */
  int worker_count;                /* threads to start; 0 = one per core */
  uint64_t worker_memory;          /* bytes that their jobs may hold; 0 = the
                                   ** default */
  double alarm;                    /* the time last given to the poller */
  bool shared;                     /* another loop waits for our descriptor */
  bool stepping;                   /* novita_loop_step is on the stack */
  int users;                       /* open clients */
  pid_t pid;                       /* the process that opened the loop */
};


/* make the descriptor readable; from any thread */
static inline void novita_loop_wake (struct novita_loop *loop) {
  loop->poller->ops->wake(loop->poller);
}


/* The same, but only if needed: an event arose outside of a step while another
** loop waits for the descriptor. From the loop's thread. */
static inline void novita_loop_kick (struct novita_loop *loop) {
  if (loop->shared && !loop->stepping) novita_loop_wake(loop);
}

#endif
