/*
** wipe.h: overwrites a secret before its memory is freed or left.
*/
#ifndef novita_base_wipe_h
#define novita_base_wipe_h

#include <stddef.h>


/* A memset just before the end could be optimized away by the compiler. */
static inline void novita_wipe (void *secret, size_t n) {
  volatile unsigned char *p = secret;
  while (n-- > 0) *p++ = 0;
}

#endif
