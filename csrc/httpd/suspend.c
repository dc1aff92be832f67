/*
** suspend.c: see suspend.h. A sorted list is enough: there are dozens of
** suspended connections, not thousands.
*/
#define _GNU_SOURCE 1

#include <math.h>
#include <time.h>

#include "suspend.h"


double novita_suspend_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}


#define LONGEST_WAIT 3600.0  /* seconds */

/* the clock of condition variables: macOS has only one */
#if defined(__APPLE__)
#define WAIT_CLOCK CLOCK_REALTIME
#define choose_clock(attr) ((void)(attr))
#else
#define WAIT_CLOCK CLOCK_MONOTONIC
#define choose_clock(attr) pthread_condattr_setclock(attr, CLOCK_MONOTONIC)
#endif


static void wait_until (struct novita_suspend_queue *suspend, double until) {
  struct timespec t;
  double left = until - novita_suspend_now(), whole;
  if (left > LONGEST_WAIT) left = LONGEST_WAIT;  /* then 'run' looks again */
  clock_gettime(WAIT_CLOCK, &t);
  left += (double)t.tv_nsec / 1e9;
  whole = floor(left);
  t.tv_sec += (time_t)whole;
  t.tv_nsec = (long)((left - whole) * 1e9);
  pthread_cond_timedwait(&suspend->changed, &suspend->lock, &t);
}


static void resume (struct novita_suspend_queue *suspend,
                    struct novita_suspended *suspended) {
  suspend->first = suspended->next;
  /* from here on the server's thread may free 'suspended' */
  MHD_resume_connection(suspended->connection);
}


static void call_tick (struct novita_suspend_queue *suspend) {
  pthread_mutex_unlock(&suspend->lock);
  suspend->tick(suspend->arg);
  pthread_mutex_lock(&suspend->lock);
  suspend->next_tick = novita_suspend_now() + suspend->interval;
}


static void run_once (struct novita_suspend_queue *suspend) {
  double now = novita_suspend_now();
  double tick = suspend->interval > 0 ? suspend->next_tick : INFINITY;
  struct novita_suspended *suspended = suspend->first;
  double first = suspended != NULL ? suspended->until : INFINITY;
  if (suspended != NULL && first <= now) resume(suspend, suspended);
  else if (tick <= now) call_tick(suspend);
  else wait_until(suspend, first < tick ? first : tick);
}


static void *run (void *arg) {
  struct novita_suspend_queue *suspend = arg;
  pthread_mutex_lock(&suspend->lock);
  while (!suspend->closed) run_once(suspend);
  while (suspend->first != NULL) resume(suspend, suspend->first);
  pthread_mutex_unlock(&suspend->lock);
  return NULL;
}


int novita_suspend_open (struct novita_suspend_queue *suspend,
                         void (*tick) (void *arg), void *arg,
                         double interval) {
  pthread_condattr_t attr;
  suspend->first = NULL;
  suspend->closed = 0;
  suspend->tick = tick;
  suspend->arg = arg;
  suspend->interval = interval;
  suspend->next_tick = novita_suspend_now() + interval;
  pthread_mutex_init(&suspend->lock, NULL);
  pthread_condattr_init(&attr);
  choose_clock(&attr);
  pthread_cond_init(&suspend->changed, &attr);
  pthread_condattr_destroy(&attr);
  return pthread_create(&suspend->thread, NULL, run, suspend);
}


void novita_suspend_close (struct novita_suspend_queue *suspend) {
  pthread_mutex_lock(&suspend->lock);
  suspend->closed = 1;
  pthread_cond_signal(&suspend->changed);
  pthread_mutex_unlock(&suspend->lock);
  pthread_join(suspend->thread, NULL);
}


static void insert (struct novita_suspend_queue *suspend,
                    struct novita_suspended *suspended) {
  struct novita_suspended **link = &suspend->first;
  while (*link != NULL && (*link)->until <= suspended->until)
    link = &(*link)->next;
  suspended->next = *link;
  *link = suspended;
}


int novita_suspend_add (struct novita_suspend_queue *suspend,
                        struct novita_suspended *suspended, double seconds) {
  int closed;
  suspended->until = novita_suspend_now() + seconds;
  pthread_mutex_lock(&suspend->lock);
  closed = suspend->closed;
  if (!closed) {
    MHD_suspend_connection(suspended->connection);
    insert(suspend, suspended);
    pthread_cond_signal(&suspend->changed);
  }
  pthread_mutex_unlock(&suspend->lock);
  return closed ? -1 : 0;
}
