/*
** pool.c: see pool.h
*/
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "global.h"
#include "pool.h"
#include "transfer.h"

#define RETRY_TOKENS 60       /* retries in a burst */
#define RETRY_TOKENS_BACK 2   /* a second */


static struct novita_transfer *first_of (const struct novita_list *list) {
  return NOVITA_CONTAINER_OF(list->first, struct novita_transfer, node);
}


static struct novita_list *list_of (struct novita_pool *pool,
                                    const struct novita_transfer *transfer) {
  if (transfer->state == NOVITA_TRANSFER_QUEUED) return &pool->queue;
  if (transfer->state == NOVITA_TRANSFER_RUNNING) return &pool->running;
  return &pool->paused;
}


static void enter (struct novita_pool *pool, struct novita_transfer *transfer,
                   enum novita_transfer_state state) {
  transfer->state = (uint8_t)state;
  novita_list_append(list_of(pool, transfer), &transfer->node);
}


void novita_pool_leave (struct novita_pool *pool,
                        struct novita_transfer *transfer) {
  if (transfer->state == NOVITA_TRANSFER_IDLE) return;
  if (transfer->state == NOVITA_TRANSFER_RUNNING) {
    curl_multi_remove_handle(pool->multi.handle, transfer->easy);
    pool->idle[pool->idle_count++] = transfer->easy;
    transfer->easy = NULL;
  }
  novita_list_remove(list_of(pool, transfer), &transfer->node);
  transfer->state = NOVITA_TRANSFER_IDLE;
}


void novita_pool_pause (struct novita_pool *pool,
                        struct novita_transfer *transfer) {
  enter(pool, transfer, NOVITA_TRANSFER_PAUSED);
}


/* NULL if all are in use. If there is no memory for another handle, the
** existing ones must do; there is at least one. */
static CURL *take_easy (struct novita_pool *pool) {
  CURL *easy;
  if (pool->idle_count > 0) return pool->idle[--pool->idle_count];
  if (pool->easy_count == pool->connections) return NULL;
  easy = novita_transfer_new_easy(&pool->server);
  if (easy != NULL) pool->easy_count++;
  return easy;
}


static void start (struct novita_pool *pool, struct novita_transfer *transfer,
                   CURL *easy) {
  transfer->easy = easy;
  enter(pool, transfer, NOVITA_TRANSFER_RUNNING);
  if (transfer->class->start(transfer) == 0 &&
      curl_multi_add_handle(pool->multi.handle, easy) == CURLM_OK)
    return;
  novita_pool_leave(pool, transfer);
  novita_pool_pause(pool, transfer);
  transfer->class->fail(transfer, ENOMEM);
}


/* whether the multi handle can be used; a broken one is replaced as soon as no
** transfer is in it */
static bool is_usable (struct novita_pool *pool) {
  if (!pool->multi.broken) return true;
  return pool->running.first == NULL && novita_multi_renew(&pool->multi);
}


void novita_pool_pump (struct novita_pool *pool) {
  if (pool->closing || !is_usable(pool)) return;
  while (pool->queue.first != NULL && !pool->closing) {
    struct novita_transfer *transfer = first_of(&pool->queue);
    CURL *easy = take_easy(pool);
    if (easy == NULL) return;
    novita_list_remove(&pool->queue, &transfer->node);
    start(pool, transfer, easy);
  }
}


void novita_pool_enqueue (struct novita_pool *pool,
                          struct novita_transfer *transfer) {
  enter(pool, transfer, NOVITA_TRANSFER_QUEUED);
  novita_pool_pump(pool);
}


/* {====== reports of the multi handle ====== */

static struct novita_pool *pool_of (struct novita_multi *multi) {
  return NOVITA_CONTAINER_OF(multi, struct novita_pool, multi);
}


static void multi_broken (struct novita_multi *multi) {
  struct novita_list_node *node = pool_of(multi)->running.first;
  for (; node != NULL; node = node->next) {
    struct novita_transfer *transfer =
      NOVITA_CONTAINER_OF(node, struct novita_transfer, node);
    transfer->class->fail(transfer, ENOMEM);
  }
}


static void multi_ran (struct novita_multi *multi) {
  novita_pool_pump(pool_of(multi));
}


static const struct novita_multi_class multi_class = {multi_broken, multi_ran};

/* }====== */


/* {====== open and close ====== */

static int make_handles (struct novita_pool *pool, struct novita_error *e) {
  if (novita_multi_open(&pool->multi, &multi_class, pool->loop,
                        pool->connections, e) != 0)
    return -1;
  pool->idle = calloc((size_t)pool->connections, sizeof *pool->idle);
  if (pool->idle == NULL) return novita_error_set_memory(e);
  pool->idle[0] = take_easy(pool);
  if (pool->idle[0] == NULL) return novita_error_set_memory(e);
  pool->idle_count = 1;
  return 0;
}


int novita_pool_open (struct novita_pool *pool, struct novita_loop *loop,
                      const struct novita_pool_options *options,
                      struct novita_error *e) {
  memset(pool, 0, sizeof *pool);
  if (novita_http_global(e) != 0) return -1;
  pool->loop = loop;
  pool->connections = options->connections;
  pool->retry = options->retry;
  novita_random_seed(&pool->random);
  novita_token_bucket_init(&pool->retries, RETRY_TOKENS, RETRY_TOKENS_BACK,
                           novita_clock_now());
  if (novita_api_server_open(&pool->server, &options->server, e) == 0 &&
      make_handles(pool, e) == 0)
    return 0;
  novita_pool_close(pool);
  return -1;
}


static void cancel_all (struct novita_list *list) {
  while (list->first != NULL) {
    struct novita_transfer *transfer = first_of(list);
    transfer->class->cancel(transfer);
  }
}


void novita_pool_close (struct novita_pool *pool) {
  pool->closing = true;
  cancel_all(&pool->queue);
  cancel_all(&pool->running);
  cancel_all(&pool->paused);
  while (pool->idle_count > 0)
    curl_easy_cleanup(pool->idle[--pool->idle_count]);
  novita_multi_close(&pool->multi);
  novita_api_server_close(&pool->server);
  free(pool->idle);
  memset(pool, 0, sizeof *pool);
}

/* }====== */
