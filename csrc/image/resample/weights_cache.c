/*
** weights_cache.c: see weights_cache.h
*/
#include <stdlib.h>
#include <string.h>

#include "weights_cache.h"


static void destroy (struct novita_weights *w) {
  novita_filter_taps_close(&w->across);
  novita_vertical_weights_close(&w->down);
  free(w);
}


/* words need no packing */
static void keep (int16_t record[8]) {
  (void)record;
}


static int fill (struct novita_weights *w, struct novita_error *e) {
  struct novita_weights_cache_key *k = &w->key;
  k->across.align = 2;
  k->across.max_bits = NOVITA_WORD_BITS;
  k->down.max_bits = k->words ? NOVITA_WORD_BITS : NOVITA_BYTE_BITS;
  if (novita_filter_taps_open(&w->across, &k->across, e) != 0) return -1;
  return novita_vertical_weights_open(&w->down, &k->down,
                                      k->words ? keep : k->kernels->pack, e);
}


static struct novita_weights *create (
  const struct novita_weights_cache_key *key, struct novita_error *e) {
  struct novita_weights *w = calloc(1, sizeof *w);
  if (w == NULL) {
    novita_error_set_memory(e);
    return NULL;
  }
  w->key = *key;
  w->users = 1;
  if (fill(w, e) == 0) return w;
  destroy(w);
  return NULL;
}


static bool same_axis (const struct novita_filter_axis *a,
                       const struct novita_filter_axis *b) {
  return a->filter == b->filter && a->size == b->size &&
         a->start == b->start && a->length == b->length && a->n == b->n;
}


static bool same (const struct novita_weights_cache_key *a,
                  const struct novita_weights_cache_key *b) {
  return a->words == b->words && a->kernels == b->kernels &&
         same_axis(&a->across, &b->across) && same_axis(&a->down, &b->down);
}


static size_t bytes (const struct novita_weights *w) {
  return (size_t)w->across.n * (size_t)w->across.stride * sizeof(int16_t) +
         (size_t)w->down.n * (size_t)w->down.max_groups * 8 * sizeof(int16_t);
}


static void release (struct novita_weights *w) {
  if (w != NULL && --w->users == 0) destroy(w);
}


/* Moves 'w' to the front; entries before 'at' move back by one. */
static void to_front (struct novita_weights_cache *c, struct novita_weights *w,
                      int at) {
  memmove(c->kept + 1, c->kept, (size_t)at * sizeof *c->kept);
  c->kept[0] = w;
}


static struct novita_weights *find (
  struct novita_weights_cache *c, const struct novita_weights_cache_key *key) {
  int i;
  for (i = 0; i < NOVITA_WEIGHTS_CACHE_SETS && c->kept[i] != NULL; i++)
    if (same(&c->kept[i]->key, key)) {
      struct novita_weights *w = c->kept[i];
      to_front(c, w, i);
      w->users++;
      return w;
    }
  return NULL;
}


static void insert (struct novita_weights_cache *c, struct novita_weights *w) {
  release(c->kept[NOVITA_WEIGHTS_CACHE_SETS - 1]);
  to_front(c, w, NOVITA_WEIGHTS_CACHE_SETS - 1);
  w->users++;
}


void novita_weights_cache_open (struct novita_weights_cache *c) {
  memset(c, 0, sizeof *c);
  pthread_mutex_init(&c->lock, NULL);
}


void novita_weights_cache_close (struct novita_weights_cache *c) {
  int i;
  for (i = 0; i < NOVITA_WEIGHTS_CACHE_SETS; i++) release(c->kept[i]);
  pthread_mutex_destroy(&c->lock);
}


/* Two threads that miss at once both compute a set: the lock is not held for
** that long, and the extra set is evicted in time. */
struct novita_weights *novita_weights_cache_get (
  struct novita_weights_cache *cache,
  const struct novita_weights_cache_key *key, struct novita_error *e) {
  struct novita_weights *w = NULL;
  if (cache == NULL) return create(key, e);
  pthread_mutex_lock(&cache->lock);
  w = find(cache, key);
  pthread_mutex_unlock(&cache->lock);
  if (w != NULL) return w;
  w = create(key, e);
  if (w == NULL || bytes(w) > NOVITA_WEIGHTS_CACHE_BYTES) return w;
  pthread_mutex_lock(&cache->lock);
  insert(cache, w);
  pthread_mutex_unlock(&cache->lock);
  return w;
}


void novita_weights_cache_drop (struct novita_weights_cache *cache,
                                struct novita_weights *w) {
  if (cache != NULL) pthread_mutex_lock(&cache->lock);
  release(w);
  if (cache != NULL) pthread_mutex_unlock(&cache->lock);
}
