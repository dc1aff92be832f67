/*
** heap.h: an intrusive 4-ary heap of points in time.
** A struct that waits for a time embeds a 'struct novita_timer_node'. The heap
** stores the time with a pointer to the node and keeps its position in 'slot',
** so that moving and removing cost O(log n) and allocate nothing. Times are
** compared in the heap's own array: the nodes of ten thousand tasks are spread
** over the memory, and reading them would take longer than the rest.
**
** Reserve a slot first, which may fail; putting a node into a reserved slot
** cannot.
*/
#ifndef novita_base_heap_h
#define novita_base_heap_h

#include <stddef.h>

#include "func.h"

struct novita_timer_node {
  size_t slot;   /* index in the heap + 1; 0 = not in it */
};

struct novita_heap_item {
  double at;     /* novita_clock_now() seconds */
  struct novita_timer_node *node;
};

struct novita_heap {
  struct novita_heap_item *item;
  size_t len, size, reserved;
};

NOVITA_FUNC void novita_heap_init (struct novita_heap *h);
NOVITA_FUNC void novita_heap_free (struct novita_heap *h);

/* reserve a slot for one more node; -1 on out-of-memory */
NOVITA_FUNC int novita_heap_reserve (struct novita_heap *h);
/* give a slot back; its node must not be in the heap */
NOVITA_FUNC void novita_heap_release (struct novita_heap *h);

/* insert a node for which a slot is reserved, or move one that is in already */
NOVITA_FUNC void novita_heap_put (struct novita_heap *h,
                                  struct novita_timer_node *node, double at);
/* does nothing if the node is not in the heap */
NOVITA_FUNC void novita_heap_remove (struct novita_heap *h,
                                     struct novita_timer_node *node);
/* the earliest node, or NULL */
NOVITA_FUNC struct novita_timer_node *novita_heap_first (
  const struct novita_heap *h);
/* the time of a node; NOVITA_NEVER if it is NULL or not in the heap */
NOVITA_FUNC double novita_heap_at (const struct novita_heap *h,
                                   const struct novita_timer_node *node);

#endif
