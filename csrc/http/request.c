/*
** request.c: the life of a request: queued, running, paused before another
** attempt, done.
*/
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "origin/address.h"
#include "curl_error.h"
#include "request.h"
#include "status_class.h"
#include "trace.h"
#include "transfer.h"

#define MOST_REDIRECTS 3


static struct novita_request *request_of (struct novita_transfer *transfer) {
  return NOVITA_CONTAINER_OF(transfer, struct novita_request, state.transfer);
}


void novita_request_init (struct novita_request *request,
                          size_t response_limit) {
  memset(request, 0, sizeof *request);
  novita_buffer_init(&request->result.response, response_limit);
  novita_error_clear(&request->result.error);
  request->result.date = -1;
  request->options.body.fd = -1;
  request->options.sink = -1;
  request->options.deadline = NOVITA_NEVER;
  request->options.send_by = NOVITA_NEVER;
}


void novita_request_free (struct novita_request *request) {
  novita_request_cancel(request);
  novita_buffer_free(&request->result.response);
  curl_slist_free_all(request->options.headers);
  free(request->options.url);
  request->options.headers = NULL;
  request->options.url = NULL;
}


/* {====== in and out of the pool ====== */

static void enqueue (struct novita_request *request) {
  struct novita_request_state *state = &request->state;
  if (request->options.deadline < NOVITA_NEVER)
    novita_timer_start(state->pool->loop, &state->timer,
                       request->options.deadline);
  novita_pool_enqueue(state->pool, &state->transfer);
}


/* Makes the transfer idle. It does not pump: its callers are about to queue the
** request again or to free it. */
static void leave (struct novita_request *request) {
  struct novita_request_state *state = &request->state;
  novita_watchdog_disarm(&state->watchdog);
  novita_timer_stop(state->pool->loop, &state->timer);
  novita_pool_leave(state->pool, &state->transfer);
}


static void end (struct novita_request *request) {
  leave(request);
  novita_timer_release(request->state.pool->loop);
}


void novita_request_cancel (struct novita_request *request) {
  if (request->state.transfer.state == NOVITA_TRANSFER_IDLE) return;
  end(request);
  novita_pool_pump(request->state.pool);  /* its connection is free now */
}


static void finish (struct novita_request *request) {
  end(request);
  request->options.done(request);
}

/* }====== */


/* {====== the timer ====== */

static void finish_broken (struct novita_request *request) {
  struct novita_pool *pool = request->state.pool;
  struct novita_error why = request->result.error;
  if (request->state.transfer.state == NOVITA_TRANSFER_RUNNING)
    novita_transfer_read(request);
  request->result.error = why;
  finish(request);
  novita_pool_pump(pool);
}


static void on_timer (struct novita_timer *timer) {
  struct novita_request *request =
    NOVITA_CONTAINER_OF(timer, struct novita_request, state.timer);
  const struct novita_origin *origin = &request->result.origin;
  if (request->state.broken) {
    finish_broken(request);
    return;
  }
  if (request->state.transfer.state == NOVITA_TRANSFER_PAUSED &&
      novita_clock_now() < request->options.deadline) {
    leave(request);
    enqueue(request);
    return;
  }
  novita_error_set(&request->result.error, NOVITA_ERROR_TIMEOUT, "timeout",
                   "%s:%d: the request timed out before it could be %s",
                   origin->host, origin->port,
                   request->result.attempts > 0 ? "repeated" : "sent");
  finish(request);
}

/* }====== */


/* {====== where the URL leads ====== */

/* Call it whenever the origin has changed. */
static int check_host (struct novita_request *request,
                       const struct novita_api_server *server,
                       struct novita_error *e) {
  const struct novita_origin *to = &request->result.origin;
  bool block = (request->options.flags & NOVITA_REQUEST_AUTHENTICATED) == 0 &&
               !novita_origin_loopback(&server->origin) &&
               strcmp(to->host, server->origin.host) != 0;
  request->state.public_only = block;
  request->state.allow_private = server->allow_private &&
                                 novita_address_is_public_name(to->host);
  if (!block || novita_address_may_be_public(to->host)) return 0;
  return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "private_address",
                          "%s:%d: the service's response leads to a private "
                          "address", to->host, to->port);
}


/* A URL that is the API's base URL and a path needs no parsing. */
static int find_origin (struct novita_request *request,
                        const struct novita_api_server *server,
                        struct novita_error *e) {
  const char *url = request->options.url;
  size_t n = strlen(server->base_url);
  if (strncmp(url, server->base_url, n) != 0 || url[n] != '/')
    return novita_origin_parse(url, &request->result.origin, e);
  request->result.origin = server->origin;
  return 0;
}


/* Never from https to plain http, not even on this machine. */
static int check_redirect (struct novita_request *request, const char *to,
                           struct novita_origin *next) {
  const struct novita_origin *at = &request->result.origin;
  struct novita_error *e = &request->result.error;
  if (novita_origin_parse(to, next, e) != 0) return -1;
  if (request->state.redirects == MOST_REDIRECTS)
    return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "redirects",
                            "%s:%d redirects once more, after %d redirects",
                            at->host, at->port, MOST_REDIRECTS);
  if (!at->tls || next->tls) return 0;
  return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "redirects",
                          "%s:%d redirects from https to plain http",
                          at->host, at->port);
}


/* Takes over 'url', which was encoded. */
static void set_url (struct novita_request *request, char *url) {
  free(request->options.url);
  request->options.url = url;
}


static int encode_url (struct novita_request *request,
                       struct novita_error *e) {
  char *encoded;
  if (novita_origin_is_encoded(request->options.url)) return 0;
  encoded = novita_origin_encode(request->options.url);
  if (encoded == NULL) return novita_error_set_memory(e);
  set_url(request, encoded);
  return 0;
}


static int redirect (struct novita_request *request, const char *to) {
  struct novita_error *e = &request->result.error;
  struct novita_origin next;
  char *encoded = novita_origin_encode(to);
  if (encoded == NULL) return novita_error_set_memory(e);
  if (check_redirect(request, encoded, &next) != 0) {
    free(encoded);
    return -1;
  }
  set_url(request, encoded);
  request->options.flags &= ~NOVITA_REQUEST_AUTHENTICATED;
  request->result.origin = next;
  return check_host(request, &request->state.pool->server, e);
}


/* We follow redirects ourselves, to apply our own rules: only a few, https
** only, never with the key (the request loses NOVITA_REQUEST_AUTHENTICATED).
** A redirect does not count as an attempt. True if the request is queued
** again. */
static bool follow_redirect (struct novita_request *request) {
  struct novita_request_state *state = &request->state;
  char *to = NULL;
  if ((request->options.flags & NOVITA_REQUEST_REDIRECTS) == 0 ||
      request->result.status < 301 || request->result.status > 308)
    return false;
  curl_easy_getinfo(state->transfer.easy, CURLINFO_REDIRECT_URL, &to);
  if (to == NULL || redirect(request, to) != 0) return false;
  state->redirects++;
  request->result.attempts--;
  leave(request);
  enqueue(request);
  return true;
}

/* }====== */


/* {====== an attempt: novita_transfer_class ====== */

static void empty_sink (struct novita_request *request) {
  int sink = request->options.sink;
  off_t start = (off_t)request->options.sink_start;
  if (ftruncate(sink, start) == 0 && lseek(sink, start, SEEK_SET) >= 0) return;
  novita_error_set(&request->result.error, NOVITA_ERROR_FILE, "write",
                   "cannot write the download: %s", strerror(errno));
}


static void reset (struct novita_request *request) {
  struct novita_request_result *result = &request->result;
  struct novita_request_state *state = &request->state;
  novita_buffer_clear(&result->response);
  novita_error_clear(&result->error);
  result->status = 0;
  result->retry_after = 0;
  result->date = -1;
  result->content_range[0] = result->etag[0] = result->emulator[0] = '\0';
  state->retry_after[0] = '\0';
  result->sent_bytes = result->received = 0;
  result->sent = false;
  state->headers_done = state->too_big = false;
  state->blocked[0] = '\0';
  state->broken = state->proxied = false;
  state->sends = state->no_socket = 0;
  state->to_proxy = 0;
  if (request->options.sink >= 0) empty_sink(request);
}


static int attempt_start (struct novita_transfer *transfer) {
  struct novita_request *request = request_of(transfer);
  struct novita_pool *pool = request->state.pool;
  novita_timer_stop(pool->loop, &request->state.timer);
  reset(request);
  request->result.attempts++;
  return novita_transfer_setup(&pool->server, request);
}


/* The request ends with the next step of the loop. */
static void attempt_fail (struct novita_transfer *transfer, int error) {
  struct novita_request *request = request_of(transfer);
  const struct novita_origin *origin = &request->result.origin;
  if (error == ENOMEM) novita_error_set_memory(&request->result.error);
  else
    novita_error_set(&request->result.error, NOVITA_ERROR_NETWORK,
                     "descriptors", "%s:%d: cannot wait for the connection: %s",
                     origin->host, origin->port, strerror(error));
  request->state.broken = true;
  novita_timer_start(request->state.pool->loop, &request->state.timer,
                     novita_clock_now());
}


/* A paid request may be sent again only if not a byte of it was sent. */
static bool is_worth_retrying (const struct novita_request *request) {
  const struct novita_request_result *result = &request->result;
  enum novita_error_kind kind = result->error.kind;
  int flags = request->options.flags;
  if (flags & NOVITA_REQUEST_ONCE) return false;
  if (novita_clock_boot() > request->options.send_by) return false;
  if (result->attempts >= request->state.pool->retry.attempts) return false;
  if ((flags & NOVITA_REQUEST_PAID) &&
      (result->sent || kind == NOVITA_ERROR_NONE))
    return false;
  if (kind == NOVITA_ERROR_NONE)
    return novita_status_class_is_transient(
      novita_status_class_of(result->status));
  return novita_curl_error_may_pass(&result->error);
}


/* true if the request now waits for its next attempt */
static bool pause_before_retry (struct novita_request *request) {
  struct novita_pool *pool = request->state.pool;
  double now = novita_clock_now();
  double at = now + novita_retry_delay(&pool->retry, request->result.attempts,
                                       request->result.retry_after,
                                       &pool->random);
  if (at >= request->options.deadline ||
      !novita_token_bucket_take(&pool->retries, now))
    return false;
  leave(request);
  novita_timer_start(pool->loop, &request->state.timer, at);
  novita_pool_pause(pool, &request->state.transfer);
  if (request->options.paused != NULL) request->options.paused(request);
  return true;
}


static void attempt_done (struct novita_transfer *transfer, CURLcode code) {
  struct novita_request *request = request_of(transfer);
  struct novita_request_result *result = &request->result;
  novita_transfer_read(request);
  if (request->state.broken && code == CURLE_OK)
    novita_error_clear(&result->error);  /* it has finished all the same */
  if (code == CURLE_OK && !request->state.headers_done)
    code = CURLE_PARTIAL_FILE;
  novita_trace_attempt(request, code);
  if (code != CURLE_OK) novita_curl_error_explain(request, code);
  else if (follow_redirect(request)) return;
  if (result->response.len > 0)
    novita_api_server_redact(&request->state.pool->server,
                             result->response.data, result->response.len);
  if (is_worth_retrying(request) && pause_before_retry(request)) return;
  finish(request);
}


static void attempt_cancel (struct novita_transfer *transfer) {
  novita_request_cancel(request_of(transfer));
}


static const struct novita_transfer_class transfer_class = {
  attempt_start, attempt_done, attempt_fail, attempt_cancel
};

/* }====== */


int novita_request_start (struct novita_pool *pool,
                          struct novita_request *request,
                          struct novita_error *e) {
  struct novita_request_state *state = &request->state;
  if (encode_url(request, e) != 0 ||
      find_origin(request, &pool->server, e) != 0 ||
      check_host(request, &pool->server, e) != 0)
    return -1;
  if (novita_timer_reserve(pool->loop) != 0) return novita_error_set_memory(e);
  state->pool = pool;
  state->transfer.class = &transfer_class;
  state->timer.fire = on_timer;
  state->redirects = 0;
  state->broken = false;
  request->result.attempts = 0;
  novita_error_clear(&request->result.error);
  enqueue(request);
  return 0;
}
