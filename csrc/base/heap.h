/*
** heap.h: an intrusive 4-ary heap of points in time.
** Whoever wants to be woken embeds a 'struct novita_timer_node'; the heap stores a
** pointer to it and keeps its place in 'slot', so that moving and removing
** cost O(log n) and allocate nothing.
**
** Memory is asked for where its lack can still be told: whoever will put a
** 'due' in has a place promised first. After that putting cannot fail.
*/
#ifndef novita_base_heap_h
#define novita_base_heap_h

#include <stddef.h>

#include "func.h"

struct novita_timer_node {
  double at;     /* novita_clock_now() seconds */
  size_t slot;   /* place in the heap + 1; 0 = not in it */
};

struct novita_heap {
  struct novita_timer_node **item;
  size_t len, size, reserved;
};

NOVITA_FUNC void novita_heap_init (struct novita_heap *h);
NOVITA_FUNC void novita_heap_free (struct novita_heap *h);

/* a place for one 'due' more; -1 without memory */
NOVITA_FUNC int novita_heap_reserve (struct novita_heap *h);
/* its owner needs it no more; its 'due' is out */
NOVITA_FUNC void novita_heap_release (struct novita_heap *h);

/* put 'due' in, or move it when it is in already; it has been promised */
NOVITA_FUNC void novita_heap_put (struct novita_heap *h,
                                  struct novita_timer_node *node, double at);
/* does nothing to one that is not in */
NOVITA_FUNC void novita_heap_remove (struct novita_heap *h,
                                     struct novita_timer_node *node);
/* the earliest, or NULL */
NOVITA_FUNC struct novita_timer_node *novita_heap_first (const struct novita_heap *h);

#endif
