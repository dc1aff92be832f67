/*
** watchdog.c: see watchdog.h. The functions of timers are in glibc's libc since
** 2.34, which is older than the libcurl that is needed.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "watchdog.h"


#if defined(__linux__) && defined(CLOCK_BOOTTIME)

bool novita_watchdog_is_there (void) {
  return getpid() != 1;
}


static int start (timer_t timer, double at) {
  struct itimerspec when;
  memset(&when, 0, sizeof when);
  when.it_value.tv_sec = (time_t)at;
  when.it_value.tv_nsec = (long)((at - (double)when.it_value.tv_sec) * 1e9);
  return timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}


int novita_watchdog_arm (struct novita_watchdog *w, double at) {
  struct sigevent how;
  novita_watchdog_disarm(w);
  if (!novita_watchdog_is_there()) return ENOSYS;
  memset(&how, 0, sizeof how);
  how.sigev_notify = SIGEV_SIGNAL;
  how.sigev_signo = SIGKILL;
  if (timer_create(CLOCK_BOOTTIME, &how, &w->timer) != 0) return errno;
  w->armed = true;
  if (start(w->timer, at) == 0) return 0;
  novita_watchdog_disarm(w);
  return EINVAL;
}


void novita_watchdog_disarm (struct novita_watchdog *w) {
  if (w->armed) timer_delete(w->timer);
  w->armed = false;
}

#else

bool novita_watchdog_is_there (void) {
  return false;
}


int novita_watchdog_arm (struct novita_watchdog *w, double at) {
  (void)w, (void)at;
  return ENOSYS;
}


void novita_watchdog_disarm (struct novita_watchdog *w) {
  w->armed = false;
}

#endif
