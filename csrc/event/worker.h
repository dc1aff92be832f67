/*
** worker.h: threads for work that burns CPU. A job is an op: it runs on a
** worker, never touches a lua_State, and comes back as news of the loop.
** The threads start with the first job and end with the loop.
*/
#ifndef novita_event_worker_h
#define novita_event_worker_h

#include "op.h"
#include "state.h"

/* what a thread keeps from one job to the next; it starts as zeros, and ends
** with the thread */
struct novita_worker_local {
  void *data;
  void (*drop) (void *data);               /* or NULL */
};

struct novita_worker_job {
  struct novita_op op;                     /* first member */
  void (*run) (struct novita_worker_job *job, struct novita_worker_local *kept);
  struct novita_worker_job *next;                 /* in a queue of the workers */
  unsigned char place;                     /* enum in worker.c */
};

/* queue the job; 'run' must be set. -1 when no thread could be started */
NOVITA_FUNC int novita_worker_job_start (struct novita_loop *loop,
                                  struct novita_worker_job *job,
                                  struct novita_error *e);

/* the loop's side */
NOVITA_FUNC void novita_worker_pool_collect (struct novita_worker_pool *w);
NOVITA_FUNC void novita_worker_pool_close (struct novita_worker_pool *w);

#endif
