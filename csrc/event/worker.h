/*
** worker.h: threads for what would stop the loop: photos, and waiting for the
** disk. A job runs on a worker thread and never touches a lua_State; its end is
** reported in the loop.
** Each of the first jobs starts a thread, and the threads end with the loop. A
** quota limits the memory of all jobs together, however many threads there are.
*/
#ifndef novita_event_worker_h
#define novita_event_worker_h

#include "../base/quota.h"
#include "loop_state.h"

/* what a thread keeps from one job to the next; it starts as zeros, and is
** dropped with the thread */
struct novita_worker_local {
  void *data;
  void (*drop) (void *data);               /* or NULL */
};

struct novita_worker_job {
  void (*run) (struct novita_worker_job *job,
               struct novita_worker_local *local);
  void (*done) (struct novita_worker_job *job);  /* in the loop */
  struct novita_quota_share memory;       /* for 'run'; it must be given back
                                           ** before the end */
  struct novita_list_node node;            /* in a queue of the workers */
  uint8_t state;                           /* enum job_state in worker.c */
};

/* queue the job; 'run' and 'done' must be set. -1 when no thread could be
** started */
NOVITA_FUNC int novita_worker_job_start (struct novita_loop *loop,
                                         struct novita_worker_job *job,
                                         struct novita_error *e);
/* A started job ends without 'done'. One that is running cannot be interrupted:
** this waits for its end. Does nothing to one that has ended. */
NOVITA_FUNC void novita_worker_job_cancel (struct novita_loop *loop,
                                           struct novita_worker_job *job);

/* the bytes that the jobs hold now, and the most so far; from any thread */
NOVITA_FUNC void novita_worker_pool_memory (struct novita_worker_pool *w,
                                            uint64_t *held, uint64_t *most);

/* for the loop */
NOVITA_FUNC void novita_worker_pool_collect (struct novita_worker_pool *w);
NOVITA_FUNC void novita_worker_pool_close (struct novita_worker_pool *w);

#endif
