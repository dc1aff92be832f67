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
#include "../base/file_sync.h"
#include "address.h"
#include "compression.h"
#include "pool.h"
#include "proxy.h"
#include "retry.h"
#include "transfer.h"

#define UPLOAD_BUFFER (256L * 1024)  /* see bench/README.md */
#define SLOWEST_BYTES 128L     /* a second, ... */
#define SLOWEST_SECONDS 60L    /* ... for this long: the connection is dead */
#define PIECE (4u << 20)       /* of a file: then begin to write it to disk */
#define LONGEST_SECONDS 1e6    /* a longer attempt is not limited */


/* {====== callbacks: they only store ====== */

static size_t write_sink (struct novita_request *request, const char *data,
                          size_t n) {
  size_t done = 0;
  while (done < n) {
    ssize_t w = write(request->options.sink, data + done, n - done);
    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) {
      novita_error_set(&request->result.error, NOVITA_ERROR_FILE, "write",
                       "cannot write the download: %s", strerror(errno));
      return 0;
    }
    done += (size_t)w;
  }
  if (request->result.received % PIECE < n)
    novita_file_sync_begin(request->options.sink);
  return n;
}


static long status_of (const struct novita_request *request) {
  long status = 0;
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_RESPONSE_CODE,
                    &status);
  return status;
}


/* The body of a refusal is not an image. It goes to 'response', for the
** error. */
static bool is_for_sink (const struct novita_request *request) {
  const struct novita_request_options *options = &request->options;
  long status;
  if (options->sink < 0) return false;
  status = status_of(request);
  return status == 200 ||
         (status == 206 && (options->flags & NOVITA_REQUEST_RANGE) != 0);
}


static bool exceeds_sink (const struct novita_request *request) {
  const struct novita_request_options *options = &request->options;
  return options->sink >= 0 &&
         (request->result.received > options->sink_limit ||
          (options->sink_start > 0 && status_of(request) == 200));
}


/* The body of a refused download is dropped beyond the limit. */
static size_t write_response (struct novita_request *request,
                              const char *data, size_t n) {
  enum novita_buffer_result r =
    novita_buffer_append(&request->result.response, data, n);
  if (r == NOVITA_BUFFER_OK || request->options.sink >= 0) return n;
  if (r == NOVITA_BUFFER_NO_MEMORY)
    novita_error_set_memory(&request->result.error);
  else request->state.too_big = true;
  return 0;
}


/* An error that is already set means that the sink could not be emptied. */
static size_t on_write (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  size_t n = size * count;
  if (request->result.error.kind != NOVITA_ERROR_NONE) return 0;
  request->result.received += n;
  if (novita_compression_is_excessive(request)) {
    novita_compression_set_error(request);
    return 0;
  }
  if (exceeds_sink(request)) {
    request->state.too_big = true;
    return 0;
  }
  return is_for_sink(request) ? write_sink(request, data, n)
                              : write_response(request, data, n);
}


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


/* The value of a header line, if its name is 'name' (such as "date:") and the
** value fits. */
static bool read_header (const char *data, size_t n, const char *name,
                         char *out, size_t size) {
  size_t from = strlen(name);
  if (n <= from || !curl_strnequal(data, name, from)) return false;
  while (from < n && data[from] == ' ') from++;
  while (n > from && (unsigned char)data[n - 1] <= ' ') n--;
  if (n - from >= size) return false;
  memcpy(out, data + from, n - from);
  out[n - from] = '\0';
  return true;
}


/* By the first letter, because few lines have one of these names. */
static void read_headers (struct novita_request *request, const char *data,
                          size_t n) {
  struct novita_request_result *result = &request->result;
  char date[40];
  switch (data[0] | 0x20) {
    case 'c':
      read_header(data, n, "content-range:", result->content_range,
                  sizeof result->content_range);
      break;
    case 'd':
      if (read_header(data, n, "date:", date, sizeof date))
        result->date = (int64_t)curl_getdate(date, NULL);
      break;
    case 'e':
      read_header(data, n, "etag:", result->etag, sizeof result->etag);
      break;
    case 'r':
      read_header(data, n, "retry-after:", request->state.retry_after,
                  sizeof request->state.retry_after);
      break;
    case 'x':
      read_header(data, n, "x-novita-emulator:", result->emulator,
                  sizeof result->emulator);
      break;
    default: break;
  }
}


/* The headers end with an empty line. libcurl takes headers that break off for
** a complete response without a body. After "100 Continue", more headers
** follow. */
static size_t on_header (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  size_t n = size * count;
  if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
    request->state.headers_done = false;
  if (n > 0 && (data[0] == '\r' || data[0] == '\n'))
    request->state.headers_done = true;
  if (n > 0) read_headers(request, data, n);
  return n;
}

/* }====== */


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
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
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
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
  curl_easy_setopt(easy, CURLOPT_READDATA, request);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, request);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, request);
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
  bool watched = (options->flags & NOVITA_REQUEST_WATCHDOG) != 0;
  set_method(easy, options);
  set_timeouts(easy, options);
  set_callback_data(easy, request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, choose_headers(server, request));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, paid ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, watched ? 0L : 1L);
  if (set_url(easy, server, options) != 0 ||
      novita_compression_ask(request) != 0 || set_proxy(easy, request) != 0)
    return -1;
  return set_user_agent(easy, server, request);
}

/* }====== */


void novita_transfer_read (struct novita_request *request) {
  struct novita_request_result *result = &request->result;
  const struct novita_request_state *state = &request->state;
  CURL *easy = state->transfer.easy;
  curl_off_t before = 0;
  long written = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result->status);
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &before);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &written);
  result->retry_after =
    novita_retry_after(state->retry_after, result->date);
  /* on_request comes before the first byte. libcurl notes the time 'before'
  ** when it has written the whole head; if it fails within the head, there are
  ** bytes beyond those for the proxy. */
  result->sent = state->sends > 0 &&
                 (before > 0 || written > state->to_proxy);
}
