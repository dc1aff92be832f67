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


/* NULL if no transfer is in this state */
static struct novita_transfer *first_in (const struct novita_pool *pool,
                                         enum novita_transfer_state state) {
  struct novita_list_node *node = pool->transfers[state].first;
  if (node == NULL) return NULL;
  return NOVITA_CONTAINER_OF(node, struct novita_transfer, node);
}


static void enter (struct novita_pool *pool, struct novita_transfer *transfer,
                   enum novita_transfer_state state) {
  transfer->state = (uint8_t)state;
  novita_list_append(&pool->transfers[state], &transfer->node);
}


static void give_back_easy (struct novita_pool *pool,
                            struct novita_transfer *transfer) {
  pool->idle[pool->idle_count++] = transfer->easy;
  transfer->easy = NULL;
}


void novita_pool_leave (struct novita_pool *pool,
                        struct novita_transfer *transfer) {
  if (transfer->state == NOVITA_TRANSFER_IDLE) return;
  if (transfer->state == NOVITA_TRANSFER_RUNNING) {
    novita_multi_set_connecting(&pool->multi, transfer, false);
    curl_multi_remove_handle(pool->multi.handle, transfer->easy);
    give_back_easy(pool, transfer);
  }
  novita_list_remove(&pool->transfers[transfer->state], &transfer->node);
  transfer->state = NOVITA_TRANSFER_IDLE;
  if (first_in(pool, NOVITA_TRANSFER_RUNNING) == NULL)
    novita_multi_rest(&pool->multi);
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
  bool started;
  transfer->easy = easy;
  started = transfer->class->start(transfer) == 0 &&
            curl_multi_add_handle(pool->multi.handle, easy) == CURLM_OK;
  if (!started) give_back_easy(pool, transfer);
  enter(pool, transfer,
        started ? NOVITA_TRANSFER_RUNNING : NOVITA_TRANSFER_PAUSED);
  if (started) novita_multi_set_connecting(&pool->multi, transfer, true);
  else transfer->class->fail(transfer, ENOMEM);
}


static void start_queued (struct novita_pool *pool) {
  struct novita_list *queue = &pool->transfers[NOVITA_TRANSFER_QUEUED];
  while (queue->first != NULL && !pool->closing && !pool->multi.broken) {
    CURL *easy = take_easy(pool);
    if (easy == NULL) return;
    start(pool, NOVITA_CONTAINER_OF(novita_list_pop(queue),
                                    struct novita_transfer, node), easy);
  }
}


/* A broken multi handle is replaced as soon as no transfer is in it. */
void novita_pool_pump (struct novita_pool *pool) {
  if (pool->multi.broken && !pool->closing &&
      first_in(pool, NOVITA_TRANSFER_RUNNING) == NULL)
    novita_multi_renew(&pool->multi);
  start_queued(pool);
}


/* If the multi handle is broken, the end of its last transfer or the multi's
** timer pumps. */
void novita_pool_enqueue (struct novita_pool *pool,
                          struct novita_transfer *transfer) {
  enter(pool, transfer, NOVITA_TRANSFER_QUEUED);
  start_queued(pool);
}


/* {====== reports of the multi handle ====== */

static struct novita_pool *pool_of (struct novita_multi *multi) {
  return NOVITA_CONTAINER_OF(multi, struct novita_pool, multi);
}


static void multi_broken (struct novita_multi *multi) {
  struct novita_list_node *node =
    pool_of(multi)->transfers[NOVITA_TRANSFER_RUNNING].first;
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


static bool is_trace_asked (void) {
  const char *text = getenv("NOVITA_DEBUG");
  return text != NULL && strcmp(text, "http") == 0;
}


int novita_pool_open (struct novita_pool *pool, struct novita_loop *loop,
                      const struct novita_pool_options *options,
                      struct novita_error *e) {
  memset(pool, 0, sizeof *pool);
  if (novita_http_global(e) != 0) return -1;
  pool->loop = loop;
  pool->connections = options->connections;
  pool->retry = options->retry;
  pool->trace = is_trace_asked();
  novita_random_seed(&pool->random);
  novita_token_bucket_init(&pool->retries, RETRY_TOKENS, RETRY_TOKENS_BACK,
                           novita_clock_now());
  if (novita_api_server_open(&pool->server, &options->server, e) == 0 &&
      make_handles(pool, e) == 0)
    return 0;
  novita_pool_close(pool);
  return -1;
}


static void cancel_all (struct novita_pool *pool,
                        enum novita_transfer_state state) {
  struct novita_transfer *transfer;
  while ((transfer = first_in(pool, state)) != NULL)
    transfer->class->cancel(transfer);
}


void novita_pool_close (struct novita_pool *pool) {
  pool->closing = true;
  cancel_all(pool, NOVITA_TRANSFER_QUEUED);
  cancel_all(pool, NOVITA_TRANSFER_RUNNING);
  cancel_all(pool, NOVITA_TRANSFER_PAUSED);
  while (pool->idle_count > 0)
    curl_easy_cleanup(pool->idle[--pool->idle_count]);
  novita_multi_close(&pool->multi);
  novita_api_server_close(&pool->server);
  free(pool->idle);
  memset(pool, 0, sizeof *pool);
}

/* }====== */
