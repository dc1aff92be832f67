/*
** poller.c: chooses the backend; what both share.
*/
#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "poller.h"


struct novita_poller *novita_poller_open (bool force_poll,
                                          struct novita_error *e) {
#if defined(__linux__)
  if (!force_poll) return novita_poller_epoll(e);
#endif
  (void)force_poll;
  return novita_poller_poll(e);
}


#define MOST_RINGS 100


/* A knock that is lost is a loop that sleeps although a picture is ready:
** whatever the system says, it is tried again. EAGAIN: it rings already. */
void novita_poller_ring (int fd, const void *bytes, size_t n) {
  int i;
  for (i = 0; i < MOST_RINGS; i++)
    if (write(fd, bytes, n) >= 0 || errno == EAGAIN) return;
}


int novita_poller_milliseconds (double timeout) {
  if (timeout <= 0) return 0;
  if (timeout > 86400) return 86400 * 1000;
  return (int)ceil(timeout * 1000);
}
