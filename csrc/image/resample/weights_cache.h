/*
** weights_cache.h: all weights of a resampling, and a cache of them.
**
** A batch of photos from one camera has one size, so a worker meets the same
** weights again and again. The cache belongs to whoever makes it (a worker, a
** pool), holds a few sets and may be used by many threads: sets are read-only
** and counted, so one that is in use stays alive after it fell out.
*/
#ifndef novita_image_resample_weights_cache_h
#define novita_image_resample_weights_cache_h

#include <pthread.h>
#include <stdbool.h>

#include "../../base/error.h"
#include "filter.h"
#include "kernels.h"
#include "vertical_weights.h"

#define NOVITA_WEIGHTS_CACHE_SETS 8                 /* sets in a cache */
#define NOVITA_WEIGHTS_CACHE_BYTES (1 << 20)        /* a larger one is not kept */

/* what a set depends on; 'align' and 'most_bits' are filled in here */
struct novita_weights_key {
  struct novita_filter_axis across, down;
  bool words;                            /* the vertical pass is of words */
  const struct novita_kernels *kernels;
};

struct novita_weights {
  struct novita_weights_key key;
  struct novita_filter_taps across;
  struct novita_vertical_weights down;
  int users;                  /* under the cache's lock, where there is one */
};

struct novita_weights_cache {
  pthread_mutex_t lock;
  struct novita_weights *kept[NOVITA_WEIGHTS_CACHE_SETS];  /* latest first */
};

NOVITA_FUNC void novita_weights_cache_open (struct novita_weights_cache *c);
/* nobody may hold a set of it any more */
NOVITA_FUNC void novita_weights_cache_close (struct novita_weights_cache *c);

/* a set, new or from 'cache', which may be NULL; NULL without memory. Give it
** back with novita_weights_cache_drop and the same cache. */
NOVITA_FUNC struct novita_weights *novita_weights_cache_get (
  struct novita_weights_cache *cache, const struct novita_weights_key *key,
  struct novita_error *e);
NOVITA_FUNC void novita_weights_cache_drop (struct novita_weights_cache *cache,
                                            struct novita_weights *w);

#endif
