/*
** sender.h: the thread that posts webhooks, one after the other. A program puts
** requests into its queue, and later takes the statuses of the responses. The
** thread uses plain sockets, on loopback only: it never connects to another
** machine.
*/
#ifndef novita_service_sender_h
#define novita_service_sender_h

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

#include "../base/func.h"

struct novita_delivery {
  struct novita_delivery *next;
  int number, port;
  double seconds;              /* how long the whole delivery may take */
  int status;                  /* 0: no response in time */
  size_t len;
  char request[];              /* the whole HTTP request */
};

struct novita_delivery_list {
  struct novita_delivery *first, **last;
};

struct novita_sender {
  pthread_mutex_t lock;        /* protects the lists and 'closed' */
  pthread_cond_t changed;
  struct novita_delivery_list waiting, done;
  int closed;
  pid_t pid;                   /* the process that has the thread; 0: none */
  pthread_t thread;
};

/* start the thread, which blocks all signals; 0 or an errno */
NOVITA_FUNC int novita_sender_open (struct novita_sender *sender);
/* end it; a running delivery is given up. May be called twice */
NOVITA_FUNC void novita_sender_close (struct novita_sender *sender);

/* -1 on out-of-memory */
NOVITA_FUNC int novita_sender_add (struct novita_sender *sender, int number,
                                   int port, double seconds,
                                   const char *request, size_t len);

/* the next delivery that has a status, for free(); NULL if none has */
NOVITA_FUNC struct novita_delivery *
novita_sender_take (struct novita_sender *sender);

#endif
