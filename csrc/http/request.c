/*
** request.c: the life of a call: queued, running, pausing before another
** attempt, done.
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "address.h"
#include "request.h"
#include "status_class.h"
#include "transfer.h"

#define MOST_REDIRECTS 3


void novita_request_init (struct novita_request *request, size_t response_limit) {
  memset(request, 0, sizeof *request);
  novita_buffer_init(&request->response, response_limit);
  novita_error_clear(&request->error);
  request->body.fd = -1;
  request->sink = -1;
  request->deadline = NOVITA_NEVER;
}


void novita_request_free (struct novita_request *request) {
  novita_request_cancel(request);
  novita_buffer_free(&request->response);
  curl_slist_free_all(request->headers);
  free(request->url);
  request->headers = NULL;
  request->url = NULL;
}


/* Back to idle. It pumps nothing: its callers are about to queue or to free. */
static void leave (struct novita_request *request) {
  struct novita_pool *pool = request->pool;
  novita_timer_stop(pool->loop, &request->timer);
  if (request->place == NOVITA_REQUEST_STATE_QUEUED) novita_pool_dequeue(pool, request);
  if (request->place == NOVITA_REQUEST_STATE_RUNNING) novita_pool_release(pool, request);
  if (request->place == NOVITA_REQUEST_STATE_PAUSING)
    novita_pool_list_remove(&pool->running, request);
  request->place = NOVITA_REQUEST_STATE_IDLE;
}


static void end (struct novita_request *request) {
  leave(request);
  novita_timer_release(request->pool->loop);
}


void novita_request_cancel (struct novita_request *request) {
  if (request->place == NOVITA_REQUEST_STATE_IDLE) return;
  end(request);
  novita_pool_pump(request->pool);  /* its connection may serve another */
}


static void finish (struct novita_request *request) {
  end(request);
  request->done(request);
}


static void finish_broken (struct novita_request *request) {
  struct novita_error why = request->error;
  if (request->place == NOVITA_REQUEST_STATE_RUNNING) novita_transfer_read(request);
  request->error = why;
  finish(request);
}


static void time_out (struct novita_timer *timer) {
  struct novita_request *request =
    NOVITA_CONTAINER_OF(timer, struct novita_request, timer);
  if (request->broken) {
    struct novita_pool *pool = request->pool;
    finish_broken(request);
    novita_pool_pump(pool);
    return;
  }
  if (request->place == NOVITA_REQUEST_STATE_PAUSING &&
      novita_clock_now() < request->deadline) {
    novita_pool_list_remove(&request->pool->running, request);
    novita_pool_enqueue(request->pool, request);
    return;
  }
  novita_error_set(&request->error, NOVITA_ERROR_TIMEOUT, "timeout",
              "%s:%d: the call's time was up before it could be %s",
              request->origin.host, request->origin.port,
              request->attempts > 0 ? "repeated" : "sent");
  finish(request);
}


/* Call it whenever the origin is another one. */
static int check_host (const struct novita_pool *pool,
                       struct novita_request *request, struct novita_error *e) {
  const struct novita_origin *to = &request->origin;
  request->block_private = (request->flags & NOVITA_REQUEST_AUTHENTICATED) == 0 &&
                  !novita_origin_loopback(&pool->api) &&
                  strcmp(to->host, pool->api.host) != 0;
  if (!request->block_private || novita_address_may_be_public(to->host)) return 0;
  return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "private_address", "%s:%d: the "
                     "service's answer leads to a private address", to->host,
                     to->port);
}


/* A URL that is the API's base URL and a path needs no parsing. */
static int find_origin (const struct novita_pool *pool,
                        struct novita_request *request, struct novita_error *e) {
  size_t n = strlen(pool->base_url);
  if (strncmp(request->url, pool->base_url, n) != 0 || request->url[n] != '/')
    return novita_origin_parse(request->url, &request->origin, e);
  request->origin = pool->api;
  return 0;
}


void novita_request_break (struct novita_request *request) {
  request->broken = true;
  novita_timer_start(request->pool->loop, &request->timer, novita_clock_now());
}


int novita_request_start (struct novita_pool *pool, struct novita_request *request,
                       struct novita_error *e) {
  if (find_origin(pool, request, e) != 0 || check_host(pool, request, e) != 0)
    return -1;
  if (novita_timer_reserve(pool->loop) != 0) return novita_error_set_memory(e);
  request->pool = pool;
  request->attempts = 0;
  request->redirects = 0;
  request->broken = false;
  request->timer.fire = time_out;
  novita_error_clear(&request->error);
  novita_pool_enqueue(pool, request);
  return 0;
}


/* {====== after an attempt ====== */

/* A paid call may go again only when not a byte of it has left. */
static bool worth_repeating (const struct novita_request *request) {
  enum novita_error_kind kind = request->error.kind;
  if (request->flags & NOVITA_REQUEST_ONCE) return false;
  if (request->attempts >= request->pool->retry.attempts) return false;
  if ((request->flags & NOVITA_REQUEST_PAID) && (request->sent || kind == NOVITA_ERROR_NONE))
    return false;
  if (kind == NOVITA_ERROR_NONE)
    return novita_status_class_is_transient(
      novita_status_class_of(request->status));
  if (kind == NOVITA_ERROR_TLS) return strcmp(request->error.code, "handshake") == 0;
  return kind == NOVITA_ERROR_NETWORK || kind == NOVITA_ERROR_TIMEOUT;
}


/* true when the call now waits for its next attempt */
static bool pause_before_next (struct novita_request *request) {
  struct novita_pool *pool = request->pool;
  double now = novita_clock_now();
  double at = now + novita_retry_delay(&pool->retry, request->attempts,
                                       request->retry_after, &pool->random);
  if (at >= request->deadline || !novita_token_bucket_take(&pool->retries, now))
    return false;
  leave(request);
  novita_timer_start(pool->loop, &request->timer, at);
  request->place = NOVITA_REQUEST_STATE_PAUSING;
  novita_pool_list_append(&pool->running, request);
  return true;
}


/* Not from https to plain http, not even to this machine's. */
static int check_redirect (struct novita_request *request, const char *to,
                           struct novita_origin *next) {
  const struct novita_origin *at = &request->origin;
  if (novita_origin_parse(to, next, &request->error) != 0) return -1;
  if (request->redirects == MOST_REDIRECTS)
    return novita_error_set(&request->error, NOVITA_ERROR_PROTOCOL, "redirects",
                       "%s:%d redirects once more, after %d times", at->host,
                       at->port, MOST_REDIRECTS);
  if (!at->tls || next->tls) return 0;
  return novita_error_set(&request->error, NOVITA_ERROR_PROTOCOL, "redirects",
                     "%s:%d redirects from https to plain http", at->host,
                     at->port);
}


/* By hand, so that the rules are ours: few, https only, never with the key
** (a followed call loses its NOVITA_REQUEST_AUTHENTICATED). It is no attempt of its own. */
static bool follow_redirect (struct novita_request *request) {
  struct novita_origin next;
  char *to = NULL, *copy;
  if ((request->flags & NOVITA_REQUEST_REDIRECTS) == 0 || request->status < 301 ||
      request->status > 308)
    return false;
  curl_easy_getinfo(request->easy, CURLINFO_REDIRECT_URL, &to);
  if (to == NULL || check_redirect(request, to, &next) != 0) return false;
  copy = strdup(to);
  if (copy == NULL) {
    novita_error_set_memory(&request->error);
    return false;
  }
  free(request->url);
  request->url = copy;
  request->origin = next;
  request->flags &= ~NOVITA_REQUEST_AUTHENTICATED;
  if (check_host(request->pool, request, &request->error) != 0) return false;
  request->redirects++;
  request->attempts--;
  leave(request);
  novita_pool_enqueue(request->pool, request);
  return true;
}


void novita_request_attempt_done (struct novita_request *request, CURLcode code) {
  novita_transfer_read(request);
  if (request->broken && code == CURLE_OK)
    novita_error_clear(&request->error);  /* it came to its end all the same */
  if (code == CURLE_OK && !request->headers_done) code = CURLE_PARTIAL_FILE;
  if (code != CURLE_OK) novita_curl_error_explain(request, code);
  else if (follow_redirect(request)) return;
  if (request->response.len > 0)
    novita_http_redact(request->pool, request->response.data, request->response.len);
  if (worth_repeating(request) && pause_before_next(request)) return;
  finish(request);
}

/* }====== */
