/*
** op.c: the life of an op and the loop's list of news.
*/
#include <assert.h>
#include <stddef.h>

#include "op.h"
#include "state.h"


void novita_op_begin (struct novita_op *op,
                      const struct novita_op_class *class,
                      struct novita_loop *loop) {
  op->class = class;
  op->loop = loop;
  op->next = NULL;
  op->state = NOVITA_OP_RUNNING;
  op->listed = false;
  loop->live++;
}


static void list (struct novita_op *op) {
  struct novita_loop *loop = op->loop;
  if (op->listed) return;
  op->listed = true;
  op->next = NULL;
  if (loop->last != NULL) loop->last->next = op;
  else loop->first = op;
  loop->last = op;
  novita_loop_kick(loop);
}


static void unlist (struct novita_op *op) {
  struct novita_loop *loop = op->loop;
  struct novita_op *before = NULL, *at = loop->first;
  if (!op->listed) return;
  while (at != op) {
    before = at;
    at = at->next;
  }
  if (before != NULL) before->next = op->next;
  else loop->first = op->next;
  if (loop->last == op) loop->last = before;
  op->listed = false;
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
  struct novita_op *op = loop->first;
  if (op == NULL) return NULL;
  loop->first = op->next;
  if (loop->first == NULL) loop->last = NULL;
  op->listed = false;
  if (op->state == NOVITA_OP_FINISHED) {
    op->state = NOVITA_OP_IDLE;
    loop->live--;
  }
  return op;
}
