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

void novita_calls_append (struct novita_call_list *list,
                          struct novita_call *call) {
  call->next = NULL;
  call->prev = list->last;
  if (list->last != NULL) list->last->next = call;
  else list->first = call;
  list->last = call;
}


void novita_calls_remove (struct novita_call_list *list,
                          struct novita_call *call) {
  if (call->prev != NULL) call->prev->next = call->next;
  else list->first = call->next;
  if (call->next != NULL) call->next->prev = call->prev;
  else list->last = call->prev;
  call->next = call->prev = NULL;
}

/* }====== */


/* {====== the queue ====== */

static CURL *make_easy (struct novita_http *http) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return NULL;
  if (novita_exchange_prepare(http, easy) != 0) {
    curl_easy_cleanup(easy);
    return NULL;
  }
  http->easy_count++;
  return easy;
}


/* Without memory for another one, those there are must do: there is one. */
static CURL *take_easy (struct novita_http *http) {
  if (http->idle_count > 0) return http->idle[--http->idle_count];
  if (http->easy_count == http->connections) return NULL;
  return make_easy(http);
}


static void empty_sink (struct novita_call *call) {
  if (ftruncate(call->sink, 0) == 0 && lseek(call->sink, 0, SEEK_SET) == 0)
    return;
  novita_fail(&call->error, NOVITA_FILE, "write",
              "cannot write the download: %s", strerror(errno));
}


static void reset_answer (struct novita_call *call) {
  novita_buffer_clear(&call->reply);
  novita_error_clear(&call->error);
  call->status = 0;
  call->retry_after = 0;
  call->date[0] = call->content_range[0] = call->etag[0] = '\0';
  call->moved = call->received = 0;
  call->sent = call->too_big = call->headed = call->broken = false;
  call->led_astray = false;
  call->requests = call->no_socket = 0;
  if (call->sink >= 0) empty_sink(call);
}


static void begin (struct novita_http *http, struct novita_call *call,
                   CURL *easy) {
  novita_timer_stop(http->loop, &call->timer);
  reset_answer(call);
  call->attempts++;
  call->easy = easy;
  call->place = NOVITA_CALL_RUNNING;
  novita_calls_append(&http->running, call);
  if (novita_exchange_setup(call, easy) == 0 &&
      curl_multi_add_handle(http->multi, easy) == CURLM_OK)
    return;
  novita_http_release(http, call);
  call->place = NOVITA_CALL_PAUSING;
  novita_calls_append(&http->running, call);
  novita_fail_memory(&call->error);
  novita_call_break(call);
}


void novita_http_pump (struct novita_http *http) {
  if (http->worn && (http->closing || !novita_multi_renew(http))) return;
  while (http->queue.first != NULL && !http->closing) {
    struct novita_call *call = http->queue.first;
    CURL *easy = take_easy(http);
    if (easy == NULL) return;
    novita_calls_remove(&http->queue, call);
    begin(http, call, easy);
  }
}


void novita_http_enqueue (struct novita_http *http,
                          struct novita_call *call) {
  call->place = NOVITA_CALL_QUEUED;
  novita_calls_append(&http->queue, call);
  if (call->deadline < NOVITA_NEVER)
    novita_timer_start(http->loop, &call->timer, call->deadline);
  novita_http_pump(http);
}


void novita_http_dequeue (struct novita_http *http,
                          struct novita_call *call) {
  novita_calls_remove(&http->queue, call);
}


void novita_http_release (struct novita_http *http,
                          struct novita_call *call) {
  curl_multi_remove_handle(http->multi, call->easy);
  http->idle[http->idle_count++] = call->easy;
  call->easy = NULL;
  novita_calls_remove(&http->running, call);
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
static int make_headers (struct novita_http *http, const char *key) {
  if (add_header(&http->plain, "Expect:") != 0) return -1;
  if (add_header(&http->keyed, "Expect:") != 0) return -1;
  if (add_header(&http->keyed, "Accept: application/json") != 0) return -1;
  if (add_header(&http->keyed, "Content-Type: application/json") != 0)
    return -1;
  return add_key(&http->keyed, key);
}


static int make_handles (struct novita_http *http) {
  http->multi = novita_multi_make(http);
  http->idle = calloc((size_t)http->connections, sizeof *http->idle);
  if (http->multi == NULL || http->idle == NULL) return -1;
  http->idle[0] = make_easy(http);
  if (http->idle[0] == NULL) return -1;
  http->idle_count = 1;
  return 0;
}


static int copy (const char *text, char **to) {
  if (text == NULL) return 0;
  *to = strdup(text);
  return *to != NULL ? 0 : -1;
}


static int copy_texts (struct novita_http *http,
                       const struct novita_http_options *options) {
  if (copy(options->base_url, &http->base_url) != 0 ||
      copy(options->ca_file, &http->ca_file) != 0)
    return -1;
  return copy(options->user_agent, &http->user_agent);
}


int novita_http_open (struct novita_http *http, struct novita_loop *loop,
                      const struct novita_http_options *options,
                      struct novita_error *e) {
  memset(http, 0, sizeof *http);
  if (novita_http_global(e) != 0) return -1;
  if (novita_origin_parse(options->base_url, &http->api, e) != 0) return -1;
  if (novita_timer_promise(loop) != 0) return novita_fail_memory(e);
  http->loop = loop;
  http->connections = options->connections;
  http->connect_seconds = options->connect_seconds;
  http->retry = options->retry;
  http->curl_timer.fire = novita_multi_alarm;
  novita_random_seed(&http->random);
  novita_budget_init(&http->retries, RETRY_TOKENS, RETRY_TOKENS_BACK,
                     novita_now());
  if (copy_texts(http, options) == 0 && make_headers(http, options->key) == 0 &&
      make_handles(http) == 0)
    return 0;
  novita_http_close(http);
  return novita_fail_memory(e);
}


static void forget_key (struct curl_slist *list) {
  for (; list != NULL; list = list->next)
    wipe(list->data, strlen(list->data));
}


void novita_http_close (struct novita_http *http) {
  http->closing = true;
  while (http->queue.first != NULL) novita_call_cancel(http->queue.first);
  while (http->running.first != NULL)
    novita_call_cancel(http->running.first);
  while (http->idle_count > 0)
    curl_easy_cleanup(http->idle[--http->idle_count]);
  if (http->multi != NULL) curl_multi_cleanup(http->multi);
  if (http->loop != NULL) {
    novita_timer_stop(http->loop, &http->curl_timer);
    novita_timer_release(http->loop);
  }
  forget_key(http->keyed);
  curl_slist_free_all(http->keyed);
  curl_slist_free_all(http->plain);
  free(http->idle);
  free(http->base_url);
  free(http->ca_file);
  free(http->user_agent);
  memset(http, 0, sizeof *http);
}

/* }====== */
