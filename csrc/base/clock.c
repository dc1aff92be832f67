/*
** clock.c: see clock.h
*/
#include <math.h>
#include <time.h>

#include "clock.h"


double novita_clock_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}


int novita_clock_milliseconds (double seconds) {
  if (seconds <= 0) return 0;
  if (seconds > 86400) return 86400 * 1000;
  return (int)ceil(seconds * 1000);
}
