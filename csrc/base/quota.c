/*
** quota.c: see quota.h. No queue is kept: small jobs may overtake a large one,
** which waits until enough bytes are free.
*/
#include "quota.h"


void novita_quota_open (struct novita_quota *b, uint64_t limit) {
  pthread_mutex_init(&b->lock, NULL);
  pthread_cond_init(&b->changed, NULL);
  b->limit = limit;
  b->held = b->most = 0;
}


void novita_quota_close (struct novita_quota *b) {
  pthread_cond_destroy(&b->changed);
  pthread_mutex_destroy(&b->lock);
}


static bool must_wait (const struct novita_quota_share *share,
                       uint64_t bytes) {
  const struct novita_quota *b = share->quota;
  if (share->held > 0 || b->held == 0 || share->canceled) return false;
  return b->held >= b->limit || bytes > b->limit - b->held;
}


int novita_quota_take (struct novita_quota_share *share, uint64_t bytes) {
  struct novita_quota *b = share == NULL ? NULL : share->quota;
  bool canceled;
  if (b == NULL) return 0;
  pthread_mutex_lock(&b->lock);
  while (must_wait(share, bytes)) pthread_cond_wait(&b->changed, &b->lock);
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
