/*
** request_op.c: see request_op.h
*/
#include <string.h>

#include "request_op.h"


void novita_request_init (struct novita_request *r, size_t reply_limit) {
  memset(&r->op, 0, sizeof r->op);
  novita_call_init(&r->call, reply_limit);
}


void novita_request_free (struct novita_request *r) {
  novita_call_free(&r->call);
}


static void done (struct novita_call *call) {
  struct novita_request *r = (struct novita_request *)
    ((char *)call - offsetof(struct novita_request, call));
  novita_op_finish(&r->op);
}


static void request_cancel (struct novita_op *op) {
  novita_call_cancel(&((struct novita_request *)op)->call);
}


static const struct novita_op_class request_class = {
  "request", request_cancel
};


int novita_request_start (struct novita_http *http, struct novita_request *r,
                          struct novita_error *e) {
  r->call.done = done;
  if (novita_call_start(http, &r->call, e) != 0) return -1;
  novita_op_begin(&r->op, &request_class, http->loop);
  return 0;
}
