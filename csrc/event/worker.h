/*
** worker.h: threads for CPU-bound work. A job is an op: it runs on a worker
** thread, never touches a lua_State, and its end is an event of the loop.
** The threads start with the first job and end with the loop. A quota limits
** the memory of all jobs together, however many threads there are.
*/
#ifndef novita_event_worker_h
#define novita_event_worker_h

#include "../base/quota.h"
#include "loop_state.h"
#include "op.h"

/* what a thread keeps from one job to the next; it starts as zeros, and is
** dropped with the thread */
struct novita_worker_local {
  void *data;
  void (*drop) (void *data);               /* or NULL */
};

struct novita_worker_job {
  struct novita_op op;                     /* first member */
  void (*run) (struct novita_worker_job *job,
               struct novita_worker_local *local);
  struct novita_quota_share memory;       /* for 'run'; it must be given back
                                           ** before the end */
  struct novita_list_node node;            /* in a queue of the workers */
  uint8_t state;                           /* enum job_state in worker.c */
};

/* queue the job; 'run' must be set. -1 when no thread could be started */
NOVITA_FUNC int novita_worker_job_start (struct novita_loop *loop,
                                         struct novita_worker_job *job,
                                         struct novita_error *e);

/* the bytes that the jobs hold now, and the most so far; from any thread */
NOVITA_FUNC void novita_worker_pool_memory (struct novita_worker_pool *w,
                                            uint64_t *held, uint64_t *most);

/* for the loop */
NOVITA_FUNC void novita_worker_pool_collect (struct novita_worker_pool *w);
NOVITA_FUNC void novita_worker_pool_close (struct novita_worker_pool *w);

#endif
