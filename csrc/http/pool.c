/*
** pool.c: the easy handles of a client, and the queue of calls before them.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "request.h"
#include "transfer.h"

#define RETRY_TOKENS 60       /* repetitions in a burst, over all calls */
#define RETRY_TOKENS_BACK 2   /* a second */


/* {====== lists ====== */

void novita_pool_list_append (struct novita_request_list *list,
                          struct novita_request *request) {
  request->next = NULL;
  request->prev = list->last;
  if (list->last != NULL) list->last->next = request;
  else list->first = request;
  list->last = request;
}


void novita_pool_list_remove (struct novita_request_list *list,
                          struct novita_request *request) {
  if (request->prev != NULL) request->prev->next = request->next;
  else list->first = request->next;
  if (request->next != NULL) request->next->prev = request->prev;
  else list->last = request->prev;
  request->next = request->prev = NULL;
}

/* }====== */


/* {====== the queue ====== */

static CURL *make_easy (struct novita_pool *pool) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return NULL;
  if (novita_transfer_prepare(pool, easy) != 0) {
    curl_easy_cleanup(easy);
    return NULL;
  }
  pool->easy_count++;
  return easy;
}


/* Without memory for another one, those there are must do: there is one. */
static CURL *take_easy (struct novita_pool *pool) {
  if (pool->idle_count > 0) return pool->idle[--pool->idle_count];
  if (pool->easy_count == pool->connections) return NULL;
  return make_easy(pool);
}


static void empty_sink (struct novita_request *request) {
  if (ftruncate(request->sink, 0) == 0 && lseek(request->sink, 0, SEEK_SET) == 0)
    return;
  novita_error_set(&request->error, NOVITA_ERROR_FILE, "write",
              "cannot write the download: %s", strerror(errno));
}


static void reset_response (struct novita_request *request) {
  novita_buffer_clear(&request->response);
  novita_error_clear(&request->error);
  request->status = 0;
  request->retry_after = 0;
  request->date[0] = request->content_range[0] = request->etag[0] = '\0';
  request->sent_bytes = request->received = 0;
  request->sent = request->too_big = request->headers_done = request->broken = false;
  request->blocked_private = false;
  request->requests = request->no_socket = 0;
  if (request->sink >= 0) empty_sink(request);
}


static void begin (struct novita_pool *pool, struct novita_request *request,
                   CURL *easy) {
  novita_timer_stop(pool->loop, &request->timer);
  reset_response(request);
  request->attempts++;
  request->easy = easy;
  request->place = NOVITA_REQUEST_STATE_RUNNING;
  novita_pool_list_append(&pool->running, request);
  if (novita_transfer_setup(request, easy) == 0 &&
      curl_multi_add_handle(pool->multi, easy) == CURLM_OK)
    return;
  novita_pool_release(pool, request);
  request->place = NOVITA_REQUEST_STATE_PAUSING;
  novita_pool_list_append(&pool->running, request);
  novita_error_set_memory(&request->error);
  novita_request_break(request);
}


void novita_pool_pump (struct novita_pool *pool) {
  if (pool->multi_broken && (pool->closing || !novita_multi_renew(pool))) return;
  while (pool->queue.first != NULL && !pool->closing) {
    struct novita_request *request = pool->queue.first;
    CURL *easy = take_easy(pool);
    if (easy == NULL) return;
    novita_pool_list_remove(&pool->queue, request);
    begin(pool, request, easy);
  }
}


void novita_pool_enqueue (struct novita_pool *pool,
                          struct novita_request *request) {
  request->place = NOVITA_REQUEST_STATE_QUEUED;
  novita_pool_list_append(&pool->queue, request);
  if (request->deadline < NOVITA_NEVER)
    novita_timer_start(pool->loop, &request->timer, request->deadline);
  novita_pool_pump(pool);
}


void novita_pool_dequeue (struct novita_pool *pool,
                          struct novita_request *request) {
  novita_pool_list_remove(&pool->queue, request);
}


void novita_pool_release (struct novita_pool *pool,
                          struct novita_request *request) {
  curl_multi_remove_handle(pool->multi, request->easy);
  pool->idle[pool->idle_count++] = request->easy;
  request->easy = NULL;
  novita_pool_list_remove(&pool->running, request);
}

/* }====== */


/* {====== opening and closing ====== */

/* What the compiler may not leave out, as it may a memset before the end. */
static void wipe (char *text, size_t n) {
  volatile char *p = text;
  while (n-- > 0) *p++ = '\0';
}


static int add_header (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return -1;
  *list = longer;
  return 0;
}


static int add_key (struct curl_slist **list, const char *key) {
  char line[512];
  int n, r = -1;
  if (key == NULL || key[0] == '\0') return 0;
  n = snprintf(line, sizeof line, "Authorization: Bearer %s", key);
  if (n < (int)sizeof line) r = add_header(list, line);
  wipe(line, sizeof line);
  return r;
}


/* "Expect:" switches off the wait for a "100 Continue" that many servers
** never send: one second lost per upload. */
static int make_headers (struct novita_pool *pool, const char *key) {
  if (add_header(&pool->plain, "Expect:") != 0) return -1;
  if (add_header(&pool->authenticated, "Expect:") != 0) return -1;
  if (add_header(&pool->authenticated, "Accept: application/json") != 0) return -1;
  if (add_header(&pool->authenticated, "Content-Type: application/json") != 0)
    return -1;
  return add_key(&pool->authenticated, key);
}


static int make_handles (struct novita_pool *pool) {
  pool->multi = novita_multi_make(pool);
  pool->idle = calloc((size_t)pool->connections, sizeof *pool->idle);
  if (pool->multi == NULL || pool->idle == NULL) return -1;
  pool->idle[0] = make_easy(pool);
  if (pool->idle[0] == NULL) return -1;
  pool->idle_count = 1;
  return 0;
}


static int copy (const char *text, char **to) {
  if (text == NULL) return 0;
  *to = strdup(text);
  return *to != NULL ? 0 : -1;
}


static int copy_texts (struct novita_pool *pool,
                       const struct novita_pool_options *options) {
  if (copy(options->base_url, &pool->base_url) != 0 ||
      copy(options->ca_file, &pool->ca_file) != 0)
    return -1;
  return copy(options->user_agent, &pool->user_agent);
}


int novita_pool_open (struct novita_pool *pool, struct novita_loop *loop,
                      const struct novita_pool_options *options,
                      struct novita_error *e) {
  memset(pool, 0, sizeof *pool);
  if (novita_http_global(e) != 0) return -1;
  if (novita_origin_parse(options->base_url, &pool->api, e) != 0) return -1;
  if (novita_timer_reserve(loop) != 0) return novita_error_set_memory(e);
  pool->loop = loop;
  pool->connections = options->connections;
  pool->connect_seconds = options->connect_seconds;
  pool->retry = options->retry;
  pool->curl_timer.fire = novita_multi_alarm;
  novita_random_seed(&pool->random);
  novita_token_bucket_init(&pool->retries, RETRY_TOKENS, RETRY_TOKENS_BACK,
                     novita_clock_now());
  if (copy_texts(pool, options) == 0 && make_headers(pool, options->key) == 0 &&
      make_handles(pool) == 0)
    return 0;
  novita_pool_close(pool);
  return novita_error_set_memory(e);
}


static void forget_key (struct curl_slist *list) {
  for (; list != NULL; list = list->next)
    wipe(list->data, strlen(list->data));
}


void novita_pool_close (struct novita_pool *pool) {
  pool->closing = true;
  while (pool->queue.first != NULL) novita_request_cancel(pool->queue.first);
  while (pool->running.first != NULL)
    novita_request_cancel(pool->running.first);
  while (pool->idle_count > 0)
    curl_easy_cleanup(pool->idle[--pool->idle_count]);
  if (pool->multi != NULL) curl_multi_cleanup(pool->multi);
  if (pool->loop != NULL) {
    novita_timer_stop(pool->loop, &pool->curl_timer);
    novita_timer_release(pool->loop);
  }
  forget_key(pool->authenticated);
  curl_slist_free_all(pool->authenticated);
  curl_slist_free_all(pool->plain);
  free(pool->idle);
  free(pool->base_url);
  free(pool->ca_file);
  free(pool->user_agent);
  memset(pool, 0, sizeof *pool);
}

/* }====== */
