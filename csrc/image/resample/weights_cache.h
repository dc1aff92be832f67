/*
** weights_cache.h: all weights for a resize, and a cache of them.
**
** Photos from one camera mostly have one size, so a worker needs the same
** weights again and again. The cache belongs to its creator (a worker, a pool),
** holds a few sets and may be used by many threads. Sets are read-only and
** reference-counted: a set in use survives its eviction.
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
#define NOVITA_WEIGHTS_CACHE_BYTES (1 << 20)  /* larger sets are not kept */

/* what determines a set; 'align' and 'max_bits' are filled in here */
struct novita_weights_cache_key {
  struct novita_filter_axis across, down;
  bool words;                            /* the vertical pass works on words */
  const struct novita_kernels *kernels;
};

struct novita_weights {
  struct novita_weights_cache_key key;
  struct novita_filter_taps across;
  struct novita_vertical_weights down;
  int users;  /* protected by the cache's lock, if there is a cache */
};

struct novita_weights_cache {
  pthread_mutex_t lock;
  struct novita_weights *kept[NOVITA_WEIGHTS_CACHE_SETS];  /* latest first */
};

NOVITA_FUNC void novita_weights_cache_open (struct novita_weights_cache *c);
/* no set from this cache may be in use any more */
NOVITA_FUNC void novita_weights_cache_close (struct novita_weights_cache *c);

/* A set, new or from 'cache' (may be NULL); NULL on out-of-memory. Return it
** with novita_weights_cache_drop and the same cache. */
NOVITA_FUNC struct novita_weights *novita_weights_cache_get (
  struct novita_weights_cache *cache,
  const struct novita_weights_cache_key *key, struct novita_error *e);
NOVITA_FUNC void novita_weights_cache_drop (struct novita_weights_cache *cache,
                                            struct novita_weights *w);

#endif
