/*
** clock.c: see clock.h
*/
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <time.h>

#include "clock.h"


#if defined(CLOCK_BOOTTIME)
#define BOOT CLOCK_BOOTTIME
#else
#define BOOT CLOCK_MONOTONIC
#endif


static double seconds_of (clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}


double novita_clock_now (void) {
  return seconds_of(CLOCK_MONOTONIC);
}


double novita_clock_boot (void) {
  return seconds_of(BOOT);
}


int novita_clock_milliseconds (double seconds) {
  if (seconds <= 0) return 0;
  if (seconds > 86400) return 86400 * 1000;
  return (int)ceil(seconds * 1000);
}
