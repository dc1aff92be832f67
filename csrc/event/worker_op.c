/*
** worker_op.c: see worker_op.h
*/
#include "worker_op.h"


static void done (struct novita_worker_job *job) {
  novita_op_finish(&NOVITA_CONTAINER_OF(job, struct novita_worker_op,
                                        job)->op);
}


static void cancel (struct novita_op *op) {
  novita_worker_job_cancel(op->loop, &((struct novita_worker_op *)op)->job);
}


static const struct novita_op_class job_class = {"job", cancel};


int novita_worker_op_start (struct novita_loop *loop,
                            struct novita_worker_op *worker,
                            struct novita_error *e) {
  worker->job.done = done;
  if (novita_worker_job_start(loop, &worker->job, e) != 0) return -1;
  novita_op_begin(&worker->op, &job_class, loop);
  return 0;
}
