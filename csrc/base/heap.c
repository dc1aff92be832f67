/*
** heap.c: see heap.h. A node has four children: that halves the depth of a
** binary heap, and the children of a node are neighbours in memory.
*/
#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "heap.h"

#define FANOUT 4


void novita_heap_init (struct novita_heap *h) {
  h->item = NULL;
  h->len = h->size = h->reserved = 0;
}


void novita_heap_free (struct novita_heap *h) {
  free(h->item);
  novita_heap_init(h);
}


static void put_at (struct novita_heap *h, size_t i,
                    struct novita_heap_item item) {
  h->item[i] = item;
  item.node->slot = i + 1;
}


static size_t sift_up (struct novita_heap *h, size_t i, double at) {
  while (i > 0) {
    size_t parent = (i - 1) / FANOUT;
    if (h->item[parent].at <= at) break;
    put_at(h, i, h->item[parent]);
    i = parent;
  }
  return i;
}


static size_t least_child (const struct novita_heap *h, size_t i) {
  size_t child = i * FANOUT + 1, end = child + FANOUT, least = child;
  if (end > h->len) end = h->len;
  for (; child < end; child++)
    if (h->item[child].at < h->item[least].at) least = child;
  return least;
}


static size_t sift_down (struct novita_heap *h, size_t i, double at) {
  while (i * FANOUT + 1 < h->len) {
    size_t child = least_child(h, i);
    if (at <= h->item[child].at) break;
    put_at(h, i, h->item[child]);
    i = child;
  }
  return i;
}


static void settle (struct novita_heap *h, size_t i,
                    struct novita_heap_item item) {
  i = sift_up(h, i, item.at);
  put_at(h, sift_down(h, i, item.at), item);
}


static int grow (struct novita_heap *h) {
  size_t size = h->size == 0 ? 64 : h->size * 2;
  struct novita_heap_item *item = realloc(h->item, size * sizeof *item);
  if (item == NULL) return -1;
  h->item = item;
  h->size = size;
  return 0;
}


int novita_heap_reserve (struct novita_heap *h) {
  if (h->reserved == h->size && grow(h) != 0) return -1;
  h->reserved++;
  return 0;
}


void novita_heap_release (struct novita_heap *h) {
  assert(h->reserved > h->len);
  h->reserved--;
}


void novita_heap_put (struct novita_heap *h, struct novita_timer_node *node,
                      double at) {
  struct novita_heap_item item = {at, node};
  if (node->slot == 0) {
    assert(h->len < h->reserved);
    node->slot = ++h->len;
  }
  settle(h, node->slot - 1, item);
}


void novita_heap_remove (struct novita_heap *h,
                         struct novita_timer_node *node) {
  size_t i;
  struct novita_heap_item last;
  if (node->slot == 0) return;
  i = node->slot - 1;
  node->slot = 0;
  last = h->item[--h->len];
  if (last.node != node) settle(h, i, last);
}


struct novita_timer_node *novita_heap_first (const struct novita_heap *h) {
  return h->len > 0 ? h->item[0].node : NULL;
}


double novita_heap_at (const struct novita_heap *h,
                       const struct novita_timer_node *node) {
  if (node == NULL || node->slot == 0) return NOVITA_NEVER;
  return h->item[node->slot - 1].at;
}
