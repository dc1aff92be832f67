/*
** clock.h: seconds. 'novita_clock_now' never goes back and has no meaning
** outside this process; deadlines are points on it.
*/
#ifndef novita_base_clock_h
#define novita_base_clock_h

#include "func.h"

#define NOVITA_NEVER 1e300  /* no deadline */

NOVITA_FUNC double novita_clock_now (void);

/* the same, but it counts while the machine sleeps, too; comparable between the
** processes of a machine */
NOVITA_FUNC double novita_clock_boot (void);

/* a timeout for poll(2): rounded up, and at most a day */
NOVITA_FUNC int novita_clock_milliseconds (double seconds);

#endif
