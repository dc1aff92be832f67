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
#include "transfer.h"

#define MOST_REDIRECTS 3


void novita_call_init (struct novita_call *call, size_t reply_limit) {
  memset(call, 0, sizeof *call);
  novita_buffer_init(&call->reply, reply_limit);
  novita_error_clear(&call->error);
  call->body.fd = -1;
  call->sink = -1;
  call->deadline = NOVITA_NEVER;
}


void novita_call_free (struct novita_call *call) {
  novita_call_cancel(call);
  novita_buffer_free(&call->reply);
  curl_slist_free_all(call->headers);
  free(call->url);
  call->headers = NULL;
  call->url = NULL;
}


/* Back to idle. It pumps nothing: its callers are about to queue or to free. */
static void leave (struct novita_call *call) {
  struct novita_http *http = call->http;
  novita_timer_stop(http->loop, &call->timer);
  if (call->place == NOVITA_CALL_QUEUED) novita_http_dequeue(http, call);
  if (call->place == NOVITA_CALL_RUNNING) novita_http_release(http, call);
  if (call->place == NOVITA_CALL_PAUSING)
    novita_calls_remove(&http->running, call);
  call->place = NOVITA_CALL_IDLE;
}


static void end (struct novita_call *call) {
  leave(call);
  novita_timer_release(call->http->loop);
}


void novita_call_cancel (struct novita_call *call) {
  if (call->place == NOVITA_CALL_IDLE) return;
  end(call);
  novita_http_pump(call->http);  /* its connection may serve another */
}


static void finish (struct novita_call *call) {
  end(call);
  call->done(call);
}


static void finish_broken (struct novita_call *call) {
  struct novita_error why = call->error;
  if (call->place == NOVITA_CALL_RUNNING) novita_exchange_read(call);
  call->error = why;
  finish(call);
}


static void time_out (struct novita_timer *timer) {
  struct novita_call *call = (struct novita_call *)
    ((char *)timer - offsetof(struct novita_call, timer));
  if (call->broken) {
    struct novita_http *http = call->http;
    finish_broken(call);
    novita_http_pump(http);
    return;
  }
  if (call->place == NOVITA_CALL_PAUSING &&
      novita_now() < call->deadline) {
    novita_calls_remove(&call->http->running, call);
    novita_http_enqueue(call->http, call);
    return;
  }
  novita_fail(&call->error, NOVITA_TIMEOUT, "timeout",
              "%s:%d: the call's time was up before it could be %s",
              call->origin.host, call->origin.port,
              call->attempts > 0 ? "repeated" : "sent");
  finish(call);
}


/* Call it whenever the origin is another one. */
static int check_host (const struct novita_http *http,
                       struct novita_call *call, struct novita_error *e) {
  const struct novita_origin *to = &call->origin;
  call->guarded = (call->flags & NOVITA_KEYED) == 0 &&
                  !novita_origin_loopback(&http->api) &&
                  strcmp(to->host, http->api.host) != 0;
  if (!call->guarded || novita_address_may_be_public(to->host)) return 0;
  return novita_fail(e, NOVITA_PROTOCOL, "private_address", "%s:%d: the "
                     "service's answer leads to a private address", to->host,
                     to->port);
}


/* A URL that is the API's base URL and a path needs no parsing. */
static int find_origin (const struct novita_http *http,
                        struct novita_call *call, struct novita_error *e) {
  size_t n = strlen(http->base_url);
  if (strncmp(call->url, http->base_url, n) != 0 || call->url[n] != '/')
    return novita_origin_parse(call->url, &call->origin, e);
  call->origin = http->api;
  return 0;
}


void novita_call_break (struct novita_call *call) {
  call->broken = true;
  novita_timer_start(call->http->loop, &call->timer, novita_now());
}


int novita_call_start (struct novita_http *http, struct novita_call *call,
                       struct novita_error *e) {
  if (find_origin(http, call, e) != 0 || check_host(http, call, e) != 0)
    return -1;
  if (novita_timer_promise(http->loop) != 0) return novita_fail_memory(e);
  call->http = http;
  call->attempts = 0;
  call->redirects = 0;
  call->broken = false;
  call->timer.fire = time_out;
  novita_error_clear(&call->error);
  novita_http_enqueue(http, call);
  return 0;
}


/* {====== after an attempt ====== */

/* A paid call may go again only when not a byte of it has left. */
static bool worth_repeating (const struct novita_call *call) {
  enum novita_kind kind = call->error.kind;
  if (call->flags & NOVITA_ONCE) return false;
  if (call->attempts >= call->http->retry.attempts) return false;
  if ((call->flags & NOVITA_PAID) && (call->sent || kind == NOVITA_OK))
    return false;
  if (kind == NOVITA_OK) return novita_status_transient(call->status);
  if (kind == NOVITA_TLS) return strcmp(call->error.code, "handshake") == 0;
  return kind == NOVITA_NETWORK || kind == NOVITA_TIMEOUT;
}


/* true when the call now waits for its next attempt */
static bool pause_before_next (struct novita_call *call) {
  struct novita_http *http = call->http;
  double now = novita_now();
  double at = now + novita_retry_delay(&http->retry, call->attempts,
                                       call->retry_after, &http->random);
  if (at >= call->deadline || !novita_budget_take(&http->retries, now))
    return false;
  leave(call);
  novita_timer_start(http->loop, &call->timer, at);
  call->place = NOVITA_CALL_PAUSING;
  novita_calls_append(&http->running, call);
  return true;
}


/* Not from https to plain http, not even to this machine's. */
static int check_redirect (struct novita_call *call, const char *to,
                           struct novita_origin *next) {
  const struct novita_origin *at = &call->origin;
  if (novita_origin_parse(to, next, &call->error) != 0) return -1;
  if (call->redirects == MOST_REDIRECTS)
    return novita_fail(&call->error, NOVITA_PROTOCOL, "redirects",
                       "%s:%d redirects once more, after %d times", at->host,
                       at->port, MOST_REDIRECTS);
  if (!at->tls || next->tls) return 0;
  return novita_fail(&call->error, NOVITA_PROTOCOL, "redirects",
                     "%s:%d redirects from https to plain http", at->host,
                     at->port);
}


/* By hand, so that the rules are ours: few, https only, never with the key
** (a followed call loses its NOVITA_KEYED). It is no attempt of its own. */
static bool follow_redirect (struct novita_call *call) {
  struct novita_origin next;
  char *to = NULL, *copy;
  if ((call->flags & NOVITA_REDIRECTS) == 0 || call->status < 301 ||
      call->status > 308)
    return false;
  curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &to);
  if (to == NULL || check_redirect(call, to, &next) != 0) return false;
  copy = strdup(to);
  if (copy == NULL) {
    novita_fail_memory(&call->error);
    return false;
  }
  free(call->url);
  call->url = copy;
  call->origin = next;
  call->flags &= ~NOVITA_KEYED;
  if (check_host(call->http, call, &call->error) != 0) return false;
  call->redirects++;
  call->attempts--;
  leave(call);
  novita_http_enqueue(call->http, call);
  return true;
}


void novita_call_answered (struct novita_call *call, CURLcode code) {
  novita_exchange_read(call);
  if (call->broken && code == CURLE_OK)
    novita_error_clear(&call->error);  /* it came to its end all the same */
  if (code == CURLE_OK && !call->headed) code = CURLE_PARTIAL_FILE;
  if (code != CURLE_OK) novita_exchange_explain(call, code);
  else if (follow_redirect(call)) return;
  if (call->reply.len > 0)
    novita_http_redact(call->http, call->reply.data, call->reply.len);
  if (worth_repeating(call) && pause_before_next(call)) return;
  finish(call);
}

/* }====== */
