/*
** pool.c: libcurl's multi handle inside our loop, and the queue before it.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "call.h"
#include "exchange.h"

#define RETRY_TOKENS 60       /* repetitions in a burst, over all calls */
#define RETRY_TOKENS_BACK 2   /* a second */
#define RENEW_SECONDS 1       /* until memory for a multi handle is asked again */


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


/* {====== libcurl inside the loop ====== */

/* A char *, because that is what older headers check for. */
static struct novita_call *call_of (CURL *easy) {
  char *call = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
  return (struct novita_call *)(void *)call;
}


static void read_messages (struct novita_http *http) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
    CURLcode code = message->data.result;  /* the message dies with its call */
    if (message->msg != CURLMSG_DONE) continue;
    novita_call_answered(call_of(message->easy_handle), code);
  }
  novita_http_pump(http);
}


/* libcurl has lost track of a transfer and does not say of which: its socket
** or its timer is not ours to wait for, and it would hang. Nor may the multi
** handle be used again: libcurl 7.88 keeps the socket with an emptied table of
** transfers, and divides by its size when the next one comes. */
static void break_running (struct novita_http *http) {
  struct novita_call *call;
  http->worn = true;
  for (call = http->running.first; call != NULL; call = call->next) {
    if (call->place != NOVITA_CALL_RUNNING) continue;
    novita_fail_memory(&call->error);
    novita_call_break(call);
  }
}


static void act (struct novita_http *http, curl_socket_t fd, int mask) {
  int running;
  if (http->worn) {
    novita_http_pump(http);
    return;
  }
  if (curl_multi_socket_action(http->multi, fd, mask, &running) != CURLM_OK)
    break_running(http);
  read_messages(http);
}


static void on_ready (void *owner, int fd, int events) {
  int mask = (events & NOVITA_READ ? CURL_CSELECT_IN : 0) |
             (events & NOVITA_WRITE ? CURL_CSELECT_OUT : 0);
  act(owner, fd, mask);
}


static void on_alarm (struct novita_timer *timer) {
  struct novita_http *http = (struct novita_http *)
    ((char *)timer - offsetof(struct novita_http, curl_timer));
  act(http, CURL_SOCKET_TIMEOUT, 0);
}


static void cannot_wait (CURL *easy) {
  struct novita_call *call = call_of(easy);
  if (call == NULL || call->place != NOVITA_CALL_RUNNING) return;
  if (errno == ENOMEM) novita_fail_memory(&call->error);
  else
    novita_fail(&call->error, NOVITA_NETWORK, "descriptors",
                "%s:%d: cannot wait for the connection: %s",
                call->origin.host, call->origin.port, strerror(errno));
  novita_call_break(call);
}


static int on_socket (CURL *easy, curl_socket_t fd, int what, void *arg,
                      void *mine) {
  struct novita_http *http = arg;
  int events = (what & CURL_POLL_IN ? NOVITA_READ : 0) |
               (what & CURL_POLL_OUT ? NOVITA_WRITE : 0);
  (void)mine;
  if (what == CURL_POLL_REMOVE) events = 0;
  if (novita_loop_watch(http->loop, fd, events, on_ready, http) != 0)
    cannot_wait(easy);
  return 0;  /* -1 would end all calls of this client for good */
}


static int on_timeout (CURLM *multi, long milliseconds, void *arg) {
  struct novita_http *http = arg;
  (void)multi;
  if (milliseconds < 0) {
    novita_timer_stop(http->loop, &http->curl_timer);
    return 0;
  }
  novita_timer_start(http->loop, &http->curl_timer,
                     novita_now() + (double)milliseconds / 1000);
  return 0;
}


static CURLM *make_multi (struct novita_http *http) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)http->connections);
  return multi;
}


/* Another multi handle for a worn one, as soon as no transfer is in that; true
** when there is one to work with. */
static bool renew_multi (struct novita_http *http) {
  if (http->idle_count < http->easy_count) return false;
  if (http->multi != NULL) curl_multi_cleanup(http->multi);
  http->multi = make_multi(http);
  http->worn = http->multi == NULL;
  if (http->worn)
    novita_timer_start(http->loop, &http->curl_timer,
                       novita_now() + RENEW_SECONDS);
  return !http->worn;
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
  if (http->worn && (http->closing || !renew_multi(http))) return;
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
  http->multi = make_multi(http);
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
  http->curl_timer.fire = on_alarm;
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
