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

struct novita_nap {
  struct MHD_Connection *connection;
  double until;             /* seconds of novita_emulator_now */
  struct novita_nap *next;  /* the one that wakes after this one */
};

struct novita_naps {
  pthread_mutex_t lock;     /* guards all that follows */
  pthread_cond_t changed;
  struct novita_nap *first; /* sorted by 'until' */
  int closed;
  pthread_t thread;
};

/* seconds that never go back */
NOVITA_FUNC double novita_emulator_now (void);

/* start the thread; 0 or an errno */
NOVITA_FUNC int novita_naps_open (struct novita_naps *naps);

/* wake everybody, end the thread; later naps are refused */
NOVITA_FUNC void novita_naps_close (struct novita_naps *naps);

/* suspend 'nap->connection' for 'seconds'; -1 once closed. 'nap' must stay
** until the connection is called again */
NOVITA_FUNC int novita_naps_add (struct novita_naps *naps,
                                 struct novita_nap *nap, double seconds);

#endif
