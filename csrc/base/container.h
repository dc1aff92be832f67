/*
** container.h: from a pointer to a member to the struct that contains it.
*/
#ifndef novita_base_container_h
#define novita_base_container_h

#include <stddef.h>

#define NOVITA_CONTAINER_OF(pointer, type, member) \
  ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
