/*
** clock.h: seconds. 'novita_clock_now' never goes back and means nothing outside
** this process; deadlines are points on it.
*/
#ifndef novita_base_clock_h
#define novita_base_clock_h

#include "func.h"

#define NOVITA_NEVER 1e300  /* the deadline of what has none */

NOVITA_FUNC double novita_clock_now (void);

/* a time-out as poll(2) wants it: never early, never past a day */
NOVITA_FUNC int novita_clock_milliseconds (double seconds);

#endif
