/*
** suspend.c: see suspend.h. A sorted list is enough: an emulator has dozens of
** sleepers, not thousands.
*/
#define _GNU_SOURCE

#include <math.h>
#include <time.h>

#include "suspend.h"


double novita_emulator_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}


#define LONGEST_WAIT 3600.0  /* seconds */

/* the clock that condition variables wait by: macOS knows only one */
#if defined(__APPLE__)
#define WAIT_CLOCK CLOCK_REALTIME
#define choose_clock(attr) ((void)(attr))
#else
#define WAIT_CLOCK CLOCK_MONOTONIC
#define choose_clock(attr) pthread_condattr_setclock(attr, CLOCK_MONOTONIC)
#endif


static void wait_until (struct novita_naps *naps, double until) {
  struct timespec t;
  double left = until - novita_emulator_now(), whole;
  if (left > LONGEST_WAIT) left = LONGEST_WAIT;  /* 'run' looks again */
  clock_gettime(WAIT_CLOCK, &t);
  left += (double)t.tv_nsec / 1e9;
  whole = floor(left);
  t.tv_sec += (time_t)whole;
  t.tv_nsec = (long)((left - whole) * 1e9);
  pthread_cond_timedwait(&naps->changed, &naps->lock, &t);
}


static void wake_first (struct novita_naps *naps) {
  struct novita_nap *nap = naps->first;
  naps->first = nap->next;
  /* from here on the server's thread may free the nap */
  MHD_resume_connection(nap->connection);
}


static void *run (void *arg) {
  struct novita_naps *naps = arg;
  pthread_mutex_lock(&naps->lock);
  while (!naps->closed) {
    if (naps->first == NULL)
      pthread_cond_wait(&naps->changed, &naps->lock);
    else if (naps->first->until > novita_emulator_now())
      wait_until(naps, naps->first->until);
    else
      wake_first(naps);
  }
  while (naps->first != NULL) wake_first(naps);
  pthread_mutex_unlock(&naps->lock);
  return NULL;
}


int novita_naps_open (struct novita_naps *naps) {
  pthread_condattr_t attr;
  naps->first = NULL;
  naps->closed = 0;
  pthread_mutex_init(&naps->lock, NULL);
  pthread_condattr_init(&attr);
  choose_clock(&attr);
  pthread_cond_init(&naps->changed, &attr);
  pthread_condattr_destroy(&attr);
  return pthread_create(&naps->thread, NULL, run, naps);
}


void novita_naps_close (struct novita_naps *naps) {
  pthread_mutex_lock(&naps->lock);
  naps->closed = 1;
  pthread_cond_signal(&naps->changed);
  pthread_mutex_unlock(&naps->lock);
  pthread_join(naps->thread, NULL);
}


static void insert (struct novita_naps *naps, struct novita_nap *nap) {
  struct novita_nap **place = &naps->first;
  while (*place != NULL && (*place)->until <= nap->until)
    place = &(*place)->next;
  nap->next = *place;
  *place = nap;
}


int novita_naps_add (struct novita_naps *naps, struct novita_nap *nap,
                     double seconds) {
  int closed;
  nap->until = novita_emulator_now() + seconds;
  pthread_mutex_lock(&naps->lock);
  closed = naps->closed;
  if (!closed) {
    MHD_suspend_connection(nap->connection);
    insert(naps, nap);
    pthread_cond_signal(&naps->changed);
  }
  pthread_mutex_unlock(&naps->lock);
  return closed ? -1 : 0;
}
