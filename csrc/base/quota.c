/*
** quota.c: see quota.h
*/
#include <string.h>

#include "quota.h"


void novita_quota_open (struct novita_quota *b, uint64_t limit) {
  pthread_mutex_init(&b->lock, NULL);
  pthread_cond_init(&b->changed, NULL);
  b->limit = limit;
  b->held = b->most = 0;
  memset(&b->waiting, 0, sizeof b->waiting);
}


void novita_quota_close (struct novita_quota *b) {
  pthread_cond_destroy(&b->changed);
  pthread_mutex_destroy(&b->lock);
}


/* whether the first in the queue must continue to wait */
static bool is_full (const struct novita_quota *b, uint64_t bytes) {
  if (b->held == 0) return false;
  return b->held >= b->limit || bytes > b->limit - b->held;
}


static void wait_for_turn (struct novita_quota *b,
                           struct novita_quota_share *share, uint64_t bytes) {
  novita_list_append(&b->waiting, &share->node);
  while (!share->canceled &&
         (b->waiting.first != &share->node || is_full(b, bytes)))
    pthread_cond_wait(&b->changed, &b->lock);
  novita_list_remove(&b->waiting, &share->node);
  pthread_cond_broadcast(&b->changed);  /* the next one may fit, too */
}


int novita_quota_take (struct novita_quota_share *share, uint64_t bytes) {
  struct novita_quota *b = share == NULL ? NULL : share->quota;
  bool canceled;
  if (b == NULL) return 0;
  pthread_mutex_lock(&b->lock);
  if (share->held == 0) wait_for_turn(b, share, bytes);
  canceled = share->canceled;
  if (!canceled) {
    share->held += bytes;
    b->held += bytes;
    if (b->held > b->most) b->most = b->held;
  }
  pthread_mutex_unlock(&b->lock);
  return canceled ? -1 : 0;
}


void novita_quota_give_back (struct novita_quota_share *share) {
  struct novita_quota *b = share == NULL ? NULL : share->quota;
  if (b == NULL || share->held == 0) return;
  pthread_mutex_lock(&b->lock);
  b->held -= share->held;
  share->held = 0;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->lock);
}


void novita_quota_cancel (struct novita_quota_share *share) {
  struct novita_quota *b = share->quota;
  pthread_mutex_lock(&b->lock);
  share->canceled = true;
  pthread_cond_broadcast(&b->changed);
  pthread_mutex_unlock(&b->lock);
}


bool novita_quota_is_canceled (struct novita_quota_share *share) {
  struct novita_quota *b = share == NULL ? NULL : share->quota;
  bool canceled;
  if (b == NULL) return false;
  pthread_mutex_lock(&b->lock);
  canceled = share->canceled;
  pthread_mutex_unlock(&b->lock);
  return canceled;
}
