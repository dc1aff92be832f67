/*
** list.h: an intrusive doubly linked list.
** A struct that goes into a list embeds a 'struct novita_list_node'; see
** NOVITA_CONTAINER_OF for the way back. Every operation is O(1) and allocates
** nothing. A list of zeros is empty. A node is in one list at a time, and the
** caller knows in which.
*/
#ifndef novita_base_list_h
#define novita_base_list_h

#include <stddef.h>

#include "container.h"

struct novita_list_node {
  struct novita_list_node *next, *prev;
};

struct novita_list {
  struct novita_list_node *first, *last;
};


static inline void novita_list_append (struct novita_list *list,
                                       struct novita_list_node *node) {
  node->next = NULL;
  node->prev = list->last;
  if (list->last != NULL) list->last->next = node;
  else list->first = node;
  list->last = node;
}


static inline void novita_list_prepend (struct novita_list *list,
                                        struct novita_list_node *node) {
  node->prev = NULL;
  node->next = list->first;
  if (list->first != NULL) list->first->prev = node;
  else list->last = node;
  list->first = node;
}


static inline void novita_list_remove (struct novita_list *list,
                                       struct novita_list_node *node) {
  if (node->prev != NULL) node->prev->next = node->next;
  else list->first = node->next;
  if (node->next != NULL) node->next->prev = node->prev;
  else list->last = node->prev;
  node->next = node->prev = NULL;
}


/* Removes the first node and returns it; NULL if the list is empty. */
static inline struct novita_list_node *novita_list_pop (
    struct novita_list *list) {
  struct novita_list_node *node = list->first;
  if (node != NULL) novita_list_remove(list, node);
  return node;
}

#endif
