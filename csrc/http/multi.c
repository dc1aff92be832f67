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


void novita_multi_alarm (struct novita_timer *timer) {
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


CURLM *novita_multi_make (struct novita_http *http) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)http->connections);
  return multi;
}


bool novita_multi_renew (struct novita_http *http) {
  if (http->idle_count < http->easy_count) return false;
  if (http->multi != NULL) curl_multi_cleanup(http->multi);
  http->multi = novita_multi_make(http);
  http->worn = http->multi == NULL;
  if (http->worn)
    novita_timer_start(http->loop, &http->curl_timer,
                       novita_now() + RENEW_SECONDS);
  return !http->worn;
}
