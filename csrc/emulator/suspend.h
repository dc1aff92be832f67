/*
** suspend.h: connections that wait without holding up the others.
** libmicrohttpd sets a connection aside (suspends it); a thread of ours wakes
** it when its time has come. Once napping is closed nothing can be put to
** sleep any more and all sleepers are awake, so that a stop never hangs.
*/
#ifndef novita_emulator_suspend_h
#define novita_emulator_suspend_h

#include <microhttpd.h>
#include <pthread.h>

#include "../base/func.h"

struct novita_suspended {
  struct MHD_Connection *connection;
  double until;             /* seconds of novita_suspend_now */
  struct novita_suspended *next;  /* the one that wakes after this one */
};

struct novita_suspend_queue {
  pthread_mutex_t lock;     /* guards all that follows */
  pthread_cond_t changed;
  struct novita_suspended *first; /* sorted by 'until' */
  int closed;
  pthread_t thread;
};

/* seconds that never go back */
NOVITA_FUNC double novita_suspend_now (void);

/* start the thread; 0 or an errno */
NOVITA_FUNC int novita_suspend_open (struct novita_suspend_queue *suspend);

/* wake everybody, end the thread; later naps are refused */
NOVITA_FUNC void novita_suspend_close (struct novita_suspend_queue *suspend);

/* suspend 'nap->connection' for 'seconds'; -1 once closed. 'nap' must stay
** until the connection is called again */
NOVITA_FUNC int novita_suspend_add (struct novita_suspend_queue *suspend,
                                 struct novita_suspended *suspended, double seconds);

#endif
