/*
** quota.h: limits the bytes that the threads of a pool hold together. Each job
** has a share. A job waits for bytes only while it holds none, so that two jobs
** never wait for each other. A job that needs more than the limit waits until
** no other job holds any. Jobs get their bytes in the order in which they ask:
** small ones must not keep a large one waiting forever.
*/
#ifndef novita_base_quota_h
#define novita_base_quota_h

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "func.h"
#include "list.h"

struct novita_quota {
  pthread_mutex_t lock;
  pthread_cond_t changed;    /* bytes were given back, or a share canceled */
  uint64_t limit;
  uint64_t held, most;       /* now, and at any time */
  struct novita_list waiting;  /* shares, in the order of asking */
};

/* the share of one job; a zeroed share has no quota and never waits */
struct novita_quota_share {
  struct novita_quota *quota;
  uint64_t held;
  bool canceled;
  struct novita_list_node node;  /* while it waits */
};

NOVITA_FUNC void novita_quota_open (struct novita_quota *b, uint64_t limit);
NOVITA_FUNC void novita_quota_close (struct novita_quota *b);

/* from the job's thread: wait for the bytes; -1 if the share was canceled */
NOVITA_FUNC int novita_quota_take (struct novita_quota_share *share,
                                    uint64_t bytes);
/* from the job's thread: give all bytes back; may be called twice */
NOVITA_FUNC void novita_quota_give_back (struct novita_quota_share *share);
/* from any thread: the job does not wait any longer */
NOVITA_FUNC void novita_quota_cancel (struct novita_quota_share *share);
/* from the job's thread: whether it should end early */
NOVITA_FUNC bool novita_quota_is_canceled (struct novita_quota_share *share);

#endif
