/*
** op.h: something that is started and finishes once: a timer, an HTTP
** request, an upload, a watched task, a photo being prepared.
**
** Ownership: the caller that starts an op provides its memory (a struct with a
** 'struct novita_op' as first member) and keeps it until novita_op_next has
** returned the finished op, or until 'cancel' has returned. C never frees it.
*/
#ifndef novita_event_op_h
#define novita_event_op_h

#include <stdbool.h>
#include <stdint.h>

#include "../base/func.h"
#include "../base/list.h"

struct novita_loop;
struct novita_op;

struct novita_op_class {
  const char *name;
  /* stop at once; afterwards nothing refers to the op */
  void (*cancel) (struct novita_op *op);
};

enum novita_op_state {
  NOVITA_OP_IDLE,      /* not started, or taken by novita_op_next */
  NOVITA_OP_RUNNING,
  NOVITA_OP_FINISHED   /* in the loop's list, waiting to be taken */
};

struct novita_op {
  const struct novita_op_class *class;
  struct novita_loop *loop;
  struct novita_list_node node;  /* in the loop's list of events */
  uint8_t state;                 /* enum novita_op_state */
  bool listed;                   /* is in the loop's list of events */
};

/* for the op: begin, report a change, end */
NOVITA_FUNC void novita_op_begin (struct novita_op *op,
                                  const struct novita_op_class *class,
                                  struct novita_loop *loop);
NOVITA_FUNC void novita_op_changed (struct novita_op *op);
NOVITA_FUNC void novita_op_finish (struct novita_op *op);
/* for the caller: stop an op in any state; take the next event, or NULL */
NOVITA_FUNC void novita_op_cancel (struct novita_op *op);
NOVITA_FUNC struct novita_op *novita_op_next (struct novita_loop *loop);

#endif
