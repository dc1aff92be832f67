/*
** transfer.c: see transfer.h. Handles are not reset between requests, which
** would cost more than the options of a request. So 'setup' sets every option
** that any request changes.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/clock.h"
#include "compression.h"
#include "origin/address.h"
#include "origin/proxy.h"
#include "receiving.h"
#include "retry.h"
#include "sending.h"
#include "transfer.h"

#define UPLOAD_BUFFER (256L * 1024)  /* see bench/README.md */
#define SLOWEST_BYTES 128L     /* a second, ... */
#define SLOWEST_SECONDS 60L    /* ... for this long: the connection is dead */
#define LONGEST_SECONDS 1e6    /* a longer attempt is not limited */


/* {====== options ====== */

/* Names are resolved by now: this is the address that the URL leads to, or that
** of the proxy, which then connects to the host for us. */
static bool may_connect (const struct novita_request *request,
                         const struct sockaddr *to) {
  const struct novita_request_state *state = &request->state;
  return !state->public_only || state->proxied || novita_address_public(to) ||
         (state->allow_private && novita_address_private(to));
}


static long attempt_milliseconds (
    const struct novita_request_options *options) {
  double left = options->deadline - novita_clock_now();
  double seconds = options->try_seconds;
  if (seconds <= 0 || left < seconds) seconds = left;
  if (seconds >= LONGEST_SECONDS) return 0;  /* libcurl's "no limit" */
  return seconds < 0.001 ? 1 : (long)(seconds * 1000);
}


/* When a process dies, the kernel still delivers what it has written, for
** minutes if the other side is away. A paid request arrives by the end of its
** timeout or never: from then on others look for its task. */
static void limit_delivery (curl_socket_t fd,
                            const struct novita_request_options *options) {
#ifdef TCP_USER_TIMEOUT
  unsigned milliseconds = (unsigned)attempt_milliseconds(options);
  if ((options->flags & NOVITA_REQUEST_PAID) != 0)
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
                     sizeof(milliseconds));
#else
  (void)fd, (void)options;
#endif
}


/* Child processes of the script must not hold our connections open. */
static curl_socket_t on_open (void *arg, curlsocktype purpose,
                              struct curl_sockaddr *to) {
  struct novita_request *request = arg;
  curl_socket_t fd;
  (void)purpose;
  if (!may_connect(request, &to->addr)) {
    novita_address_print(&to->addr, request->state.blocked,
                         sizeof request->state.blocked);
    return CURL_SOCKET_BAD;
  }
  fd = socket(to->family, to->socktype, to->protocol);
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
    limit_delivery(fd, &request->options);
    return fd;
  }
  request->state.no_socket = errno;
  if (fd >= 0) close(fd);
  return CURL_SOCKET_BAD;
}


/* Without NOSIGNAL libcurl blocks SIGPIPE itself, which is needed: before 7.87
** a TLS write could raise it. With NOSIGNAL, those versions lose that guard. */
static long wants_no_signal (void) {
  const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
  return v->version_num >= 0x075700 ||
         (v->features & CURL_VERSION_ASYNCHDNS) == 0;
}


/* Set an option that libcurl copies. Continuing without it could mean trusting
** another authority, or connecting to another server. */
static int copied (CURL *easy, CURLoption option, const char *text) {
  CURLcode code = curl_easy_setopt(easy, option, text);
  return code == CURLE_OUT_OF_MEMORY ? -1 : 0;
}


/* Trust these authorities and not the system's, also for a proxy whose URL
** begins with https://. */
static int trust_only (CURL *easy, const char *file, const char *dir) {
  if (file == NULL && dir == NULL) return 0;
  if (copied(easy, CURLOPT_CAINFO, file) != 0 ||
      copied(easy, CURLOPT_CAPATH, dir) != 0 ||
      copied(easy, CURLOPT_PROXY_CAINFO, file) != 0)
    return -1;
  return copied(easy, CURLOPT_PROXY_CAPATH, dir);
}


/* OpenSSL puts AES-256 first. AES-128 is safe enough, browsers prefer it as
** well, and it costs both ends of an upload a sixth less. A libcurl that cannot
** set ciphers returns an error, and the default stays. */
static void prefer_cheap_ciphers (CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_TLS13_CIPHERS,
                   "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                   "TLS_CHACHA20_POLY1305_SHA256");
}


/* A thread of libcurl resolves names. Before 7.87, which does not know this
** option, libcurl waits for it even if the request has ended: a silent name
** server stops the loop for seconds. By number, because what counts is the
** version that runs, not the one of the headers. */
static void leave_resolver (CURL *easy) {
  curl_easy_setopt(easy, (CURLoption)(CURLOPTTYPE_LONG + 322), 1L);
}


static void restrict_protocols (CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                   (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}


/* Applies to all transfers of the handle. */
static int set_common (CURL *easy, const struct novita_api_server *server) {
  restrict_protocols(easy);
  prefer_cheap_ciphers(easy);
  leave_resolver(easy);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, wants_no_signal());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION,
                   (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   (long)(server->connect_seconds * 1000));
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  novita_sending_set_callbacks(easy);
  novita_receiving_set_callbacks(easy);
  if (copied(easy, CURLOPT_NOPROXY, "") != 0) return -1;
  return trust_only(easy, server->ca_file, server->ca_dir);
}


CURL *novita_transfer_new_easy (const struct novita_api_server *server) {
  CURL *easy = curl_easy_init();
  if (easy == NULL || set_common(easy, server) == 0) return easy;
  curl_easy_cleanup(easy);
  return NULL;
}


/* Before libcurl 8.1, a handle that has done a PUT keeps doing PUTs, whatever
** method is set afterwards, unless UPLOAD is switched off. */
static void set_method (CURL *easy,
                        const struct novita_request_options *options) {
  curl_off_t len = (curl_off_t)options->body.len;
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 0L);
  if (options->method == NOVITA_METHOD_GET)
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  else if (options->method == NOVITA_METHOD_PUT) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, len);
  }
  else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, options->body.bytes);
  }
}


/* the status of a task, which is asked for hundreds of times */
static bool is_poll (const struct novita_request_options *options) {
  return (options->flags & NOVITA_REQUEST_SMALL) != 0;
}


/* The only place that decides where the key is sent. */
static struct curl_slist *choose_headers (
    const struct novita_api_server *server,
    const struct novita_request *request) {
  const struct novita_request_options *options = &request->options;
  if ((options->flags & NOVITA_REQUEST_AUTHENTICATED) != 0 &&
      novita_origin_same(&request->result.origin, &server->origin))
    return is_poll(options) ? server->poll : server->authenticated;
  return options->headers != NULL ? options->headers : server->plain;
}


static void set_timeouts (CURL *easy,
                          const struct novita_request_options *options) {
  bool bulk = (options->flags & NOVITA_REQUEST_BULK) != 0;
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, attempt_milliseconds(options));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, bulk ? SLOWEST_BYTES : 0L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   bulk ? SLOWEST_SECONDS : 0L);
}


static void set_callback_data (CURL *easy, struct novita_request *request) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &request->state.transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
  novita_sending_set_data(easy, request);
  novita_receiving_set_data(easy, request);
}


/* An empty text switches libcurl's own rules off. */
static int set_proxy (CURL *easy, struct novita_request *request) {
  struct novita_proxy proxy;
  bool proxied = novita_proxy_find(&request->result.origin, &proxy);
  request->state.proxied = proxied;
  return copied(easy, CURLOPT_PROXY, proxied ? proxy.url : "");
}


/* The headers of a poll have it already. A proxy gets none of those. */
static int set_user_agent (CURL *easy, const struct novita_api_server *server,
                           const struct novita_request *request) {
  bool listed = is_poll(&request->options) && !request->state.proxied;
  return copied(easy, CURLOPT_USERAGENT, listed ? NULL : server->user_agent);
}


/* libcurl parses the URL of each request, and copies its parts byte by byte.
** With a target, the URL is the API's root, which is parsed already. libcurl
** parses it again if a kept connection breaks. */
static int set_url (CURL *easy, const struct novita_api_server *server,
                    const struct novita_request_options *options) {
  const char *target = options->target;
  curl_easy_setopt(easy, CURLOPT_CURLU, target != NULL ? server->root : NULL);
  if (copied(easy, CURLOPT_URL, options->url) != 0) return -1;
  return copied(easy, CURLOPT_REQUEST_TARGET, target);
}


/* When a reused connection turns out to be dead, libcurl sends a POST again
** itself; only a fresh connection rules that out. */
int novita_transfer_setup (const struct novita_api_server *server,
                           struct novita_request *request) {
  const struct novita_request_options *options = &request->options;
  CURL *easy = request->state.transfer.easy;
  bool paid = (options->flags & NOVITA_REQUEST_PAID) != 0;
  set_method(easy, options);
  set_timeouts(easy, options);
  set_callback_data(easy, request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, choose_headers(server, request));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, paid ? 1L : 0L);
  if (set_url(easy, server, options) != 0 ||
      novita_compression_ask(request) != 0 || set_proxy(easy, request) != 0)
    return -1;
  return set_user_agent(easy, server, request);
}

/* }====== */


void novita_transfer_read (struct novita_request *request) {
  struct novita_request_result *result = &request->result;
  const struct novita_request_state *state = &request->state;
  curl_easy_getinfo(state->transfer.easy, CURLINFO_RESPONSE_CODE,
                    &result->status);
  result->retry_after =
    novita_retry_after(state->retry_after, result->date);
  result->sent = novita_sending_has_begun(request);
}
