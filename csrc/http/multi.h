/*
** multi.h: libcurl's multi handle inside our loop. It knows easy handles and
** reports through function pointers; requests are on a higher level.
*/
#ifndef novita_http_multi_h
#define novita_http_multi_h

#include <curl/curl.h>
#include <stdint.h>

#include "../event/loop.h"
#include "../event/timer.h"

/* in the order of a transfer's life; the pool sets it */
enum novita_transfer_state {
  NOVITA_TRANSFER_IDLE,
  NOVITA_TRANSFER_QUEUED,   /* waits for an easy handle */
  NOVITA_TRANSFER_RUNNING,  /* has one */
  NOVITA_TRANSFER_PAUSED,   /* its request waits before the next attempt */
  NOVITA_TRANSFER_STATES    /* how many there are */
};

struct novita_transfer;

/* what the pool and the multi handle report to a transfer's request */
struct novita_transfer_class {
  /* 'easy' is set: prepare it for the attempt; -1 on out-of-memory */
  int (*start) (struct novita_transfer *transfer);
  /* libcurl has finished the attempt */
  void (*done) (struct novita_transfer *transfer, CURLcode code);
  /* The attempt cannot continue, as 'error' (an errno) says. It is called from
  ** inside libcurl, so the request must end later, in the loop. */
  void (*fail) (struct novita_transfer *transfer, int error);
  /* the pool is closing */
  void (*cancel) (struct novita_transfer *transfer);
};

/* one attempt of a request; CURLOPT_PRIVATE of its easy handle */
struct novita_transfer {
  const struct novita_transfer_class *class;
  struct novita_list_node node;  /* in the pool's list for 'state' */
  CURL *easy;                    /* while it runs, else NULL */
  uint8_t state;                 /* enum novita_transfer_state */
  bool connecting;               /* for the multi handle */
};

struct novita_multi;

/* what the multi handle reports to the pool */
struct novita_multi_class {
  /* libcurl has lost track of a transfer: all running ones must fail */
  void (*broken) (struct novita_multi *multi);
  /* libcurl has run; transfers may have finished */
  void (*ran) (struct novita_multi *multi);
};

struct novita_multi {
  const struct novita_multi_class *class;
  struct novita_loop *loop;
  CURLM *handle;
  struct novita_timer timer;  /* libcurl's */
  struct novita_timer again;  /* runs libcurl while a transfer connects */
  bool again_on;              /* that timer is on */
  int connecting;             /* transfers that have no connection yet */
  int connections;            /* to keep open at most */
  bool broken;                /* 'handle' must not be used */
};

NOVITA_FUNC int novita_multi_open (struct novita_multi *multi,
                                   const struct novita_multi_class *class,
                                   struct novita_loop *loop, int connections,
                                   struct novita_error *e);
/* no transfer may be running; does nothing to one that never opened */
NOVITA_FUNC void novita_multi_close (struct novita_multi *multi);
/* Replace a broken handle; no transfer may be running. False on out-of-memory:
** 'ran' is called again a second later. */
NOVITA_FUNC bool novita_multi_renew (struct novita_multi *multi);
/* Report whether a running transfer still waits for its connection. libcurl
** 7.88 tries the second address of a host only when it is called again, but
** does not ask for that call. */
NOVITA_FUNC void novita_multi_set_connecting (struct novita_multi *multi,
                                              struct novita_transfer *transfer,
                                              bool connecting);
/* No transfer runs: no timer is needed before the next one. */
NOVITA_FUNC void novita_multi_rest (struct novita_multi *multi);

#endif
