/*
** suspend.h: connections that wait without blocking the others. libmicrohttpd
** suspends a connection, and our thread resumes it when it is due. Closing the
** queue resumes all connections and refuses new ones, so that stopping the
** server never hangs. The same thread calls a function at regular intervals.
*/
#ifndef novita_httpd_suspend_h
#define novita_httpd_suspend_h

#include <microhttpd.h>
#include <pthread.h>

#include "../base/func.h"

struct novita_suspended {
  struct MHD_Connection *connection;
  double until;             /* seconds of novita_suspend_now */
  struct novita_suspended *next;  /* resumes after this one */
};

struct novita_suspend_queue {
  pthread_mutex_t lock;     /* protects 'first' and 'closed' */
  pthread_cond_t changed;
  struct novita_suspended *first;  /* sorted by 'until' */
  int closed;
  void (*tick) (void *arg); /* called without the lock */
  void *arg;
  double interval;          /* seconds between two calls; 0: no calls */
  double next_tick;         /* seconds of novita_suspend_now */
  pthread_t thread;
};

/* seconds on a monotonic clock */
NOVITA_FUNC double novita_suspend_now (void);

/* start the thread, which calls tick(arg) every 'interval' seconds; 0 or an
** errno */
NOVITA_FUNC int novita_suspend_open (struct novita_suspend_queue *suspend,
                                     void (*tick) (void *arg), void *arg,
                                     double interval);

/* resume all connections and end the thread; later additions are refused */
NOVITA_FUNC void novita_suspend_close (struct novita_suspend_queue *suspend);

/* suspend 'suspended->connection' for 'seconds'; -1 once closed. 'suspended'
** must stay valid until the connection's callback is called again */
NOVITA_FUNC int novita_suspend_add (struct novita_suspend_queue *suspend,
                                    struct novita_suspended *suspended,
                                    double seconds);

#endif
