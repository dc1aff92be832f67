/*
** multi.c: libcurl's multi handle inside our loop. It tells which sockets and
** which moment it waits for; we tell it when they have come.
*/
#include <errno.h>
#include <string.h>

#include "../base/clock.h"
#include "request.h"

#define RENEW_SECONDS 1  /* until memory for a multi handle is asked again */


/* A char *, because that is what older headers check for. */
static struct novita_request *request_of (CURL *easy) {
  char *request = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
  return (struct novita_request *)(void *)request;
}


static void read_messages (struct novita_pool *pool) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
    CURLcode code = message->data.result;  /* the message dies with its call */
    if (message->msg != CURLMSG_DONE) continue;
    novita_request_attempt_done(request_of(message->easy_handle), code);
  }
  novita_pool_pump(pool);
}


/* libcurl has lost track of a transfer and does not say of which: its socket
** or its timer is not ours to wait for, and it would hang. Nor may the multi
** handle be used again: libcurl 7.88 keeps the socket with an emptied table of
** transfers, and divides by its size when the next one comes. */
static void break_running (struct novita_pool *pool) {
  struct novita_request *request;
  pool->multi_broken = true;
  for (request = pool->running.first; request != NULL; request = request->next) {
    if (request->place != NOVITA_REQUEST_STATE_RUNNING) continue;
    novita_error_set_memory(&request->error);
    novita_request_break(request);
  }
}


static void act (struct novita_pool *pool, curl_socket_t fd, int mask) {
  int running;
  if (pool->multi_broken) {
    novita_pool_pump(pool);
    return;
  }
  if (curl_multi_socket_action(pool->multi, fd, mask, &running) != CURLM_OK)
    break_running(pool);
  read_messages(pool);
}


static void on_ready (void *owner, int fd, int events) {
  int mask = (events & NOVITA_POLLER_READ ? CURL_CSELECT_IN : 0) |
             (events & NOVITA_POLLER_WRITE ? CURL_CSELECT_OUT : 0);
  act(owner, fd, mask);
}


void novita_multi_alarm (struct novita_timer *timer) {
  struct novita_pool *pool =
    NOVITA_CONTAINER_OF(timer, struct novita_pool, curl_timer);
  act(pool, CURL_SOCKET_TIMEOUT, 0);
}


static void cannot_wait (CURL *easy) {
  struct novita_request *request = request_of(easy);
  if (request == NULL || request->place != NOVITA_REQUEST_STATE_RUNNING) return;
  if (errno == ENOMEM) novita_error_set_memory(&request->error);
  else
    novita_error_set(&request->error, NOVITA_ERROR_NETWORK, "descriptors",
                "%s:%d: cannot wait for the connection: %s",
                request->origin.host, request->origin.port, strerror(errno));
  novita_request_break(request);
}


static int on_socket (CURL *easy, curl_socket_t fd, int what, void *arg,
                      void *mine) {
  struct novita_pool *pool = arg;
  int events = (what & CURL_POLL_IN ? NOVITA_POLLER_READ : 0) |
               (what & CURL_POLL_OUT ? NOVITA_POLLER_WRITE : 0);
  (void)mine;
  if (what == CURL_POLL_REMOVE) events = 0;
  if (novita_loop_watch(pool->loop, fd, events, on_ready, pool) != 0)
    cannot_wait(easy);
  return 0;  /* -1 would end all calls of this client for good */
}


static int on_timeout (CURLM *multi, long milliseconds, void *arg) {
  struct novita_pool *pool = arg;
  (void)multi;
  if (milliseconds < 0) {
    novita_timer_stop(pool->loop, &pool->curl_timer);
    return 0;
  }
  novita_timer_start(pool->loop, &pool->curl_timer,
                     novita_clock_now() + (double)milliseconds / 1000);
  return 0;
}


CURLM *novita_multi_make (struct novita_pool *pool) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)pool->connections);
  return multi;
}


bool novita_multi_renew (struct novita_pool *pool) {
  if (pool->idle_count < pool->easy_count) return false;
  if (pool->multi != NULL) curl_multi_cleanup(pool->multi);
  pool->multi = novita_multi_make(pool);
  pool->multi_broken = pool->multi == NULL;
  if (pool->multi_broken)
    novita_timer_start(pool->loop, &pool->curl_timer,
                       novita_clock_now() + RENEW_SECONDS);
  return !pool->multi_broken;
}
