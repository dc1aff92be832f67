/*
** poller.c: chooses the backend; what both share.
*/
#include <math.h>

#include "poller.h"


struct novita_poller *novita_poller_open (bool force_poll,
                                          struct novita_error *e) {
#if defined(__linux__)
  if (!force_poll) return novita_poller_epoll(e);
#endif
  (void)force_poll;
  return novita_poller_poll(e);
}


int novita_poller_milliseconds (double timeout) {
  if (timeout <= 0) return 0;
  if (timeout > 86400) return 86400 * 1000;
  return (int)ceil(timeout * 1000);
}
