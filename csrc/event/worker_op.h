/*
** worker_op.h: a job of a worker whose end is an event of the loop.
*/
#ifndef novita_event_worker_op_h
#define novita_event_worker_op_h

#include "op.h"
#include "worker.h"

struct novita_worker_op {
  struct novita_op op;           /* first member */
  struct novita_worker_job job;  /* set its 'run' before the start */
};

/* -1 when no thread could be started */
NOVITA_FUNC int novita_worker_op_start (struct novita_loop *loop,
                                        struct novita_worker_op *worker,
                                        struct novita_error *e);

#endif
