/*
** wakeup.c: see wakeup.h
*/
#include <errno.h>
#include <unistd.h>

#include "wakeup.h"

#define MOST_RINGS 100


/* A knock that is lost is a loop that sleeps although a picture is ready:
** whatever the system says, it is tried again. EAGAIN: it rings already. */
void novita_wakeup_write (int fd, const void *bytes, size_t n) {
  int i;
  for (i = 0; i < MOST_RINGS; i++)
    if (write(fd, bytes, n) >= 0 || errno == EAGAIN) return;
}
