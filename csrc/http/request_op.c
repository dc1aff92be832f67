/*
** request_op.c: see request_op.h
*/
#include <string.h>

#include "request_op.h"


void novita_request_op_init (struct novita_request_op *r,
                             size_t response_limit) {
  memset(&r->op, 0, sizeof r->op);
  novita_request_init(&r->request, response_limit);
}


void novita_request_op_free (struct novita_request_op *r) {
  novita_request_free(&r->request);
}


static void done (struct novita_request *request) {
  struct novita_request_op *r =
    NOVITA_CONTAINER_OF(request, struct novita_request_op, request);
  novita_op_finish(&r->op);
}


static void paused (struct novita_request *request) {
  struct novita_request_op *r =
    NOVITA_CONTAINER_OF(request, struct novita_request_op, request);
  novita_op_changed(&r->op);
}


static void request_cancel (struct novita_op *op) {
  novita_request_cancel(&((struct novita_request_op *)op)->request);
}


static const struct novita_op_class request_class = {
  "request", request_cancel
};


int novita_request_op_start (struct novita_pool *pool,
                             struct novita_request_op *r,
                             struct novita_error *e) {
  r->request.options.done = done;
  r->request.options.paused = paused;
  if (novita_request_start(pool, &r->request, e) != 0) return -1;
  novita_op_begin(&r->op, &request_class, pool->loop);
  return 0;
}
