/*
** watchdog.h: ends the process if it wakes from a pause too late.
**
** A process can be stopped at any instruction, also between the last check that
** a paid request may leave and the write to the network. By the time it
** continues, another one may have paid for the same. Only the kernel can
** prevent that: a timer that also counts while the machine sleeps, and that
** kills. Nothing else of the process is changed: no signal handler, no mask.
** Each request has its own; it costs three system calls.
*/
#ifndef novita_http_watchdog_h
#define novita_http_watchdog_h

#include <stdbool.h>
#include <time.h>

#include "../base/func.h"

struct novita_watchdog {
  bool armed;
  timer_t timer;
};

/* needs Linux, and cannot end process 1 of a container */
NOVITA_FUNC bool novita_watchdog_is_there (void);

/* From 'at' on, a time of novita_clock_boot, the process ends with SIGKILL; if
** that is over, before the next instruction. 0, or an errno: nothing is
** armed. */
NOVITA_FUNC int novita_watchdog_arm (struct novita_watchdog *w, double at);

/* does nothing if it is not armed */
NOVITA_FUNC void novita_watchdog_disarm (struct novita_watchdog *w);

#endif
