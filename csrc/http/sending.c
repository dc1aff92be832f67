/*
** sending.c: see sending.h
*/
#define _GNU_SOURCE 1
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "pool.h"
#include "sending.h"


/* {====== the body ====== */

static size_t on_read (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  const struct novita_request_body *body = &request->options.body;
  struct novita_request_result *result = &request->result;
  uint64_t left = body->len - result->sent_bytes;
  size_t n = size * count;
  if (n > left) n = (size_t)left;
  if (n == 0) return 0;
  if (body->bytes != NULL) memcpy(data, body->bytes + result->sent_bytes, n);
  else {
    ssize_t r = pread(body->fd, data, n, (off_t)result->sent_bytes);
    if (r <= 0) {
      novita_error_set(&result->error, NOVITA_ERROR_FILE, "changed",
                       "the file could not be read to its end while it was "
                       "being sent");
      return CURL_READFUNC_ABORT;
    }
    n = (size_t)r;
  }
  result->sent_bytes += n;
  return n;
}


static int on_seek (void *arg, curl_off_t offset, int origin) {
  struct novita_request *request = arg;
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  request->result.sent_bytes = (uint64_t)offset;
  return CURL_SEEKFUNC_OK;
}

/* }====== */


/* {====== before the first byte, and after the last one ====== */

/* libcurl counts a CONNECT to a proxy as well, which the service never gets. */
static void note_first (struct novita_request *request) {
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_REQUEST_SIZE,
                    &request->state.to_proxy);
}


static int refuse_second (struct novita_request *request) {
  const struct novita_origin *origin = &request->result.origin;
  novita_error_set(&request->result.error, NOVITA_ERROR_NETWORK, "reset",
                   "%s:%d: a kept connection broke", origin->host,
                   origin->port);
  return CURL_PREREQFUNC_ABORT;
}


/* A process can be paused for any time between its decision to send and this
** point; then another one may have taken its place. */
static int refuse_late (struct novita_request *request) {
  const struct novita_origin *origin = &request->result.origin;
  novita_error_set(&request->result.error, NOVITA_ERROR_TIMEOUT, "late",
                   "%s:%d: nothing was sent, because it is too late for that",
                   origin->host, origin->port);
  return CURL_PREREQFUNC_ABORT;
}


/* It comes after the check for the same time, so it kills only a process that
** was stopped since then; what is late already was refused. */
static int watch (struct novita_request *request) {
  const struct novita_origin *origin = &request->result.origin;
  int error;
  if ((request->options.flags & NOVITA_REQUEST_WATCHDOG) == 0)
    return CURL_PREREQFUNC_OK;
  error = novita_watchdog_arm(&request->state.watchdog,
                              request->options.send_by);
  if (error == 0) return CURL_PREREQFUNC_OK;
  novita_error_set(&request->result.error, NOVITA_ERROR_NETWORK, "watchdog",
                   "%s:%d: nothing was sent, because the watchdog cannot be "
                   "armed: %s", origin->host, origin->port, strerror(error));
  return CURL_PREREQFUNC_ABORT;
}


/* libcurl calls it after each step, so right after it has written the end of
** the body. */
static int on_progress (void *arg, curl_off_t to_receive, curl_off_t received,
                        curl_off_t to_send, curl_off_t sent) {
  struct novita_request *request = arg;
  (void)to_receive, (void)received, (void)to_send;
  if (sent >= (curl_off_t)request->options.body.len)
    novita_watchdog_disarm(&request->state.watchdog);
  return 0;
}


/* libcurl is about to send the request. If a kept connection breaks, libcurl
** sends the request again itself; for a PUT, its 7.88 then sends only the
** headers and waits forever. Retries follow our own rules, which count and
** pause. */
static int on_request (void *arg, char *ip, char *local_ip, int port,
                       int local_port) {
  struct novita_request *request = arg;
  (void)ip, (void)local_ip, (void)port, (void)local_port;
  novita_multi_set_connecting(&request->state.pool->multi,
                              &request->state.transfer, false);
  if (novita_clock_boot() > request->options.send_by)
    return refuse_late(request);
  if (request->state.sends++ == 0) note_first(request);
  else if (request->options.method != NOVITA_METHOD_GET)
    return refuse_second(request);
  return watch(request);
}

/* }====== */


void novita_sending_set_callbacks (CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
}


void novita_sending_set_data (CURL *easy, struct novita_request *request) {
  bool watched = (request->options.flags & NOVITA_REQUEST_WATCHDOG) != 0;
  curl_easy_setopt(easy, CURLOPT_READDATA, request);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, request);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, watched ? 0L : 1L);
}


bool novita_sending_has_begun (const struct novita_request *request) {
  const struct novita_request_state *state = &request->state;
  curl_off_t before = 0;
  long written = 0;
  curl_easy_getinfo(state->transfer.easy, CURLINFO_PRETRANSFER_TIME_T,
                    &before);
  curl_easy_getinfo(state->transfer.easy, CURLINFO_REQUEST_SIZE, &written);
  return state->sends > 0 && (before > 0 || written > state->to_proxy);
}
