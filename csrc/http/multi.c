/*
** multi.c: see multi.h. libcurl reports which sockets and which time it waits
** for; we report to libcurl when they are ready.
*/
#define CURL_DISABLE_DEPRECATION  /* curl_multi_socket_all */
#include <errno.h>
#include <string.h>

#include "../base/clock.h"
#include "multi.h"

#define RENEW_SECONDS 1  /* before memory for a multi handle is tried again */
#define AGAIN_SECONDS 0.2  /* between two calls while a transfer connects */


/* A char *, because that is what older headers check for. */
static struct novita_transfer *transfer_of (CURL *easy) {
  char *transfer = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return (struct novita_transfer *)(void *)transfer;
}


static void read_messages (struct novita_multi *multi) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(multi->handle, &left)) != NULL) {
    struct novita_transfer *transfer = transfer_of(message->easy_handle);
    CURLcode code = message->data.result;  /* libcurl owns the message */
    if (message->msg == CURLMSG_DONE) transfer->class->done(transfer, code);
  }
}


/* When an action fails, libcurl has lost track of a transfer and does not say
** which one: we do not wait for its socket or its timer, so it would hang. The
** multi handle must not be used again either: libcurl 7.88 keeps the socket
** with an empty table of transfers, and divides by the table's size at the
** next one. */
static void acted (struct novita_multi *multi, CURLMcode code) {
  if (code != CURLM_OK) {
    multi->broken = true;
    multi->class->broken(multi);
  }
  read_messages(multi);
}


static void act (struct novita_multi *multi, curl_socket_t fd, int mask) {
  int running;
  if (!multi->broken)
    acted(multi, curl_multi_socket_action(multi->handle, fd, mask, &running));
  multi->class->ran(multi);
}


static void on_ready (void *context, int fd, int events) {
  int mask = (events & NOVITA_POLLER_READ ? CURL_CSELECT_IN : 0) |
             (events & NOVITA_POLLER_WRITE ? CURL_CSELECT_OUT : 0);
  act(context, fd, mask);
}


static void on_alarm (struct novita_timer *timer) {
  act(NOVITA_CONTAINER_OF(timer, struct novita_multi, timer),
      CURL_SOCKET_TIMEOUT, 0);
}


/* {====== while transfers connect ====== */

static void call_again (struct novita_multi *multi) {
  if (multi->again_on) return;
  multi->again_on = true;
  novita_timer_start(multi->loop, &multi->again,
                     novita_clock_now() + AGAIN_SECONDS);
}


/* curl_multi_socket_action runs only transfers with an event or a timer that
** is due. A transfer between two addresses has neither. */
static void on_again (struct novita_timer *timer) {
  struct novita_multi *multi =
    NOVITA_CONTAINER_OF(timer, struct novita_multi, again);
  int running;
  multi->again_on = false;
  if (multi->connecting == 0) return;
  call_again(multi);
  if (!multi->broken)
    acted(multi, curl_multi_socket_all(multi->handle, &running));
  multi->class->ran(multi);
}


void novita_multi_rest (struct novita_multi *multi) {
  novita_timer_stop(multi->loop, &multi->again);
  multi->again_on = false;
}


/* The timer continues while any transfer runs: most connect, or find a kept
** connection, in less than a second. */
void novita_multi_set_connecting (struct novita_multi *multi,
                                  struct novita_transfer *transfer,
                                  bool connecting) {
  if (transfer->connecting == connecting) return;
  transfer->connecting = connecting;
  multi->connecting += connecting ? 1 : -1;
  if (connecting) call_again(multi);
}

/* }====== */


static int on_socket (CURL *easy, curl_socket_t fd, int what, void *arg,
                      void *socket_data) {
  struct novita_multi *multi = arg;
  struct novita_transfer *transfer;
  int events = (what & CURL_POLL_IN ? NOVITA_POLLER_READ : 0) |
               (what & CURL_POLL_OUT ? NOVITA_POLLER_WRITE : 0);
  (void)socket_data;
  if (what == CURL_POLL_REMOVE) events = 0;
  if (novita_loop_watch(multi->loop, fd, events, on_ready, multi) == 0)
    return 0;
  transfer = transfer_of(easy);
  if (transfer != NULL && transfer->easy != NULL)
    transfer->class->fail(transfer, errno);
  return 0;  /* -1 would end all transfers of this client for good */
}


static int on_timeout (CURLM *handle, long milliseconds, void *arg) {
  struct novita_multi *multi = arg;
  (void)handle;
  if (milliseconds < 0) {
    novita_timer_stop(multi->loop, &multi->timer);
    return 0;
  }
  novita_timer_start(multi->loop, &multi->timer,
                     novita_clock_now() + (double)milliseconds / 1000);
  return 0;
}


static CURLM *make_handle (struct novita_multi *multi) {
  CURLM *handle = curl_multi_init();
  if (handle == NULL) return NULL;
  curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, multi);
  curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, on_timeout);
  curl_multi_setopt(handle, CURLMOPT_TIMERDATA, multi);
  curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS, (long)multi->connections);
  return handle;
}


bool novita_multi_renew (struct novita_multi *multi) {
  if (multi->handle != NULL) curl_multi_cleanup(multi->handle);
  multi->handle = make_handle(multi);
  multi->broken = multi->handle == NULL;
  if (multi->broken)
    novita_timer_start(multi->loop, &multi->timer,
                       novita_clock_now() + RENEW_SECONDS);
  return !multi->broken;
}


int novita_multi_open (struct novita_multi *multi,
                       const struct novita_multi_class *class,
                       struct novita_loop *loop, int connections,
                       struct novita_error *e) {
  memset(multi, 0, sizeof *multi);
  if (novita_timer_reserve(loop) != 0) return novita_error_set_memory(e);
  if (novita_timer_reserve(loop) != 0) {
    novita_timer_release(loop);
    return novita_error_set_memory(e);
  }
  multi->class = class;
  multi->loop = loop;
  multi->connections = connections;
  multi->timer.fire = on_alarm;
  multi->again.fire = on_again;
  multi->handle = make_handle(multi);
  if (multi->handle != NULL) return 0;
  novita_multi_close(multi);
  return novita_error_set_memory(e);
}


void novita_multi_close (struct novita_multi *multi) {
  if (multi->loop == NULL) return;
  if (multi->handle != NULL) curl_multi_cleanup(multi->handle);
  novita_timer_stop(multi->loop, &multi->timer);
  novita_timer_stop(multi->loop, &multi->again);
  novita_timer_release(multi->loop);
  novita_timer_release(multi->loop);
  memset(multi, 0, sizeof *multi);
}
