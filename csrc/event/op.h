/*
** op.h: something that was started and finishes once: a timer, an HTTP call,
** an upload, a watched task, a picture being prepared.
**
** Ownership: whoever starts an op provides its memory (a room's struct with a
** 'struct novita_op' as first member) and keeps it until the op has come back
** through novita_op_next, or until 'cancel' has returned. C never frees it.
*/
#ifndef novita_event_op_h
#define novita_event_op_h

#include <stdbool.h>

#include "../base/func.h"

struct novita_loop;
struct novita_op;

struct novita_op_class {
  const char *name;
  /* stop at once; afterwards nothing refers to the op any more */
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
  struct novita_op *next;   /* in the loop's list of news */
  unsigned char state;      /* enum novita_op_state */
  bool listed;              /* is in the loop's list of news */
};

/* an op's own side: begin, tell of a change, end */
NOVITA_FUNC void novita_op_begin (struct novita_op *op,
                                  const struct novita_op_class *class,
                                  struct novita_loop *loop);
NOVITA_FUNC void novita_op_changed (struct novita_op *op);
NOVITA_FUNC void novita_op_finish (struct novita_op *op);
/* the owner's side: stop it (any state); take the next piece of news */
NOVITA_FUNC void novita_op_cancel (struct novita_op *op);
NOVITA_FUNC struct novita_op *novita_op_next (struct novita_loop *loop);

#endif
