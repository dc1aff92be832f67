/*
** op.c: the life of an op and the loop's list of events.
*/
#include <assert.h>

#include "loop_state.h"
#include "op.h"


void novita_op_begin (struct novita_op *op,
                      const struct novita_op_class *class,
                      struct novita_loop *loop) {
  op->class = class;
  op->loop = loop;
  op->state = NOVITA_OP_RUNNING;
  op->listed = false;
  loop->live++;
}


static void list (struct novita_op *op) {
  if (op->listed) return;
  op->listed = true;
  novita_list_append(&op->loop->events, &op->node);
  novita_loop_kick(op->loop);
}


static void unlist (struct novita_op *op) {
  if (!op->listed) return;
  op->listed = false;
  novita_list_remove(&op->loop->events, &op->node);
}


void novita_op_changed (struct novita_op *op) {
  assert(op->state == NOVITA_OP_RUNNING);
  list(op);
}


void novita_op_finish (struct novita_op *op) {
  assert(op->state == NOVITA_OP_RUNNING);
  op->state = NOVITA_OP_FINISHED;
  list(op);
}


void novita_op_cancel (struct novita_op *op) {
  if (op->state == NOVITA_OP_IDLE) return;
  if (op->state == NOVITA_OP_RUNNING) op->class->cancel(op);
  unlist(op);
  op->state = NOVITA_OP_IDLE;
  op->loop->live--;
}


struct novita_op *novita_op_next (struct novita_loop *loop) {
  struct novita_op *op;
  if (loop->events.first == NULL) return NULL;
  op = NOVITA_CONTAINER_OF(loop->events.first, struct novita_op, node);
  unlist(op);
  if (op->state == NOVITA_OP_FINISHED) {
    op->state = NOVITA_OP_IDLE;
    loop->live--;
  }
  return op;
}
