/*
** transfer.c: see transfer.h. Handles are not reset between calls, which
** would cost more than the call's own options; so 'setup' sets every option
** that any call changes.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/clock.h"
#include "address.h"
#include "transfer.h"

#define UPLOAD_BUFFER (256L * 1024)  /* see bench/README.md */
#define SLOWEST_BYTES 128L     /* a second, ... */
#define SLOWEST_SECONDS 60L    /* ... for this long: the line is dead */
#define LONGEST_SECONDS 1e6    /* an attempt with more is not limited */
#define LONGEST_REST 3600      /* seconds; a Retry-After of more is nonsense */


/* {====== callbacks: they only store ====== */

static size_t write_sink (struct novita_request *request, const char *data,
                          size_t n) {
  size_t done = 0;
  while (done < n) {
    ssize_t w = write(request->sink, data + done, n - done);
    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) {
      novita_error_set(&request->error, NOVITA_ERROR_FILE, "write", "cannot write the "
                  "download: %s", strerror(errno));
      return 0;
    }
    done += (size_t)w;
  }
  return n;
}


/* A refusal's body is no picture: it goes to the reply, for the error. */
static bool is_for_sink (const struct novita_request *request) {
  long status = 0;
  if (request->sink < 0) return false;
  curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
  return status == 200;
}


/* What a refused download says beyond the reply's limit is dropped. */
static size_t write_response (struct novita_request *request, const char *data,
                           size_t n) {
  enum novita_buffer_result r = novita_buffer_append(&request->response, data, n);
  if (r == NOVITA_BUFFER_OK || request->sink >= 0) return n;
  if (r == NOVITA_BUFFER_NO_MEMORY) novita_error_set_memory(&request->error);
  else request->too_big = true;
  return 0;
}


static size_t on_write (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  size_t n = size * count;
  if (request->error.kind != NOVITA_ERROR_NONE) return 0;  /* the file is no good */
  request->received += n;
  if (request->sink >= 0 && request->received > request->sink_limit) {
    request->too_big = true;
    return 0;
  }
  return is_for_sink(request) ? write_sink(request, data, n)
                           : write_response(request, data, n);
}


static size_t on_read (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  uint64_t left = request->body.len - request->sent_bytes;
  size_t n = size * count;
  if (n > left) n = (size_t)left;
  if (n == 0) return 0;
  if (request->body.bytes != NULL)
    memcpy(data, request->body.bytes + request->sent_bytes, n);
  else {
    ssize_t r = pread(request->body.fd, data, n, (off_t)request->sent_bytes);
    if (r <= 0) {
      novita_error_set(&request->error, NOVITA_ERROR_FILE, "changed",
                  "the file could not be read to its end while it was being "
                  "sent");
      return CURL_READFUNC_ABORT;
    }
    n = (size_t)r;
  }
  request->sent_bytes += n;
  return n;
}


static int on_seek (void *arg, curl_off_t offset, int origin) {
  struct novita_request *request = arg;
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  request->sent_bytes = (uint64_t)offset;
  return CURL_SEEKFUNC_OK;
}


#if LIBCURL_VERSION_NUM >= 0x075000
/* A request is about to be sent. When a kept connection dies libcurl sends it
** again by itself; with a PUT its 7.88 then sends the head alone and waits
** for ever. Repeating is for our own rules, which count and pause. */
static int on_request (void *arg, char *ip, char *local_ip, int port,
                       int local_port) {
  struct novita_request *request = arg;
  (void)ip, (void)local_ip, (void)port, (void)local_port;
  if (request->requests++ == 0 || request->method == NOVITA_METHOD_GET)
    return CURL_PREREQFUNC_OK;
  novita_error_set(&request->error, NOVITA_ERROR_NETWORK, "reset",
              "%s:%d: a kept connection broke", request->origin.host,
              request->origin.port);
  return CURL_PREREQFUNC_ABORT;
}
#endif


/* The value of a header line if it is the one of this name ("date:"). */
static void keep_header (const char *data, size_t n, const char *name,
                         char *out, size_t size) {
  size_t from = strlen(name);
  if (n <= from || strncasecmp(data, name, from) != 0) return;
  while (from < n && data[from] == ' ') from++;
  while (n > from && (unsigned char)data[n - 1] <= ' ') n--;
  if (n - from >= size) return;
  memcpy(out, data + from, n - from);
  out[n - from] = '\0';
}


/* A head ends with an empty line. libcurl takes one that breaks off for a whole
** answer with nothing in it; after "100 Continue" another one follows. */
static size_t on_header (char *data, size_t size, size_t count, void *arg) {
  struct novita_request *request = arg;
  size_t n = size * count;
  if (n >= 5 && memcmp(data, "HTTP/", 5) == 0) request->headers_done = false;
  if (n > 0 && (data[0] == '\r' || data[0] == '\n')) request->headers_done = true;
  keep_header(data, n, "date:", request->date, sizeof request->date);
  keep_header(data, n, "content-range:", request->content_range,
              sizeof request->content_range);
  keep_header(data, n, "etag:", request->etag, sizeof request->etag);
  return n;
}

/* }====== */


/* {====== options ====== */

/* Names are resolved by now: whatever the URL said, this is where it leads.
** A child process that the script starts must not hold our connections open. */
static curl_socket_t on_open (void *arg, curlsocktype purpose,
                              struct curl_sockaddr *to) {
  struct novita_request *request = arg;
  curl_socket_t fd;
  (void)purpose;
  if (request->block_private && !novita_address_public(&to->addr) &&
      !novita_address_is_proxy(&to->addr)) {
    request->blocked_private = true;
    return CURL_SOCKET_BAD;
  }
  fd = socket(to->family, to->socktype, to->protocol);
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) return fd;
  request->no_socket = errno;
  if (fd >= 0) close(fd);
  return CURL_SOCKET_BAD;
}


/* Without NOSIGNAL libcurl keeps SIGPIPE away by hand, and needs to: before
** 7.87 a TLS write could raise it. With it, older ones lose that guard. */
static long wants_no_signal (void) {
  const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
  return v->version_num >= 0x075700 ||
         (v->features & CURL_VERSION_ASYNCHDNS) == 0;
}


/* One of the options of which libcurl makes a copy. Going on without it could
** mean to trust another authority, or to ask another server. */
static int copied (CURL *easy, CURLoption option, const char *text) {
  CURLcode code = curl_easy_setopt(easy, option, text);
  return code == CURLE_OUT_OF_MEMORY ? -1 : 0;
}


static int trust_only (CURL *easy, const char *ca_file) {
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);  /* not the system's as well */
  return copied(easy, CURLOPT_CAINFO, ca_file);
}


/* OpenSSL puts AES-256 first. AES-128 is as safe as it needs to be, browsers
** prefer it as well, and both ends of an upload pay a sixth less for it. A
** libcurl that cannot choose says so and goes on. */
static void prefer_cheap_ciphers (CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_TLS13_CIPHERS,
                   "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                   "TLS_CHACHA20_POLY1305_SHA256");
}


static void restrict_protocols (CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                   (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}


int novita_transfer_prepare (struct novita_pool *pool, CURL *easy) {
  restrict_protocols(easy);
  prefer_cheap_ciphers(easy);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, wants_no_signal());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   (long)(pool->connect_seconds * 1000));
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
#if LIBCURL_VERSION_NUM >= 0x075000
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
#endif
  if (copied(easy, CURLOPT_USERAGENT, pool->user_agent) != 0) return -1;
  return pool->ca_file != NULL ? trust_only(easy, pool->ca_file) : 0;
}


/* A handle that has put keeps on putting in libcurl before 8.1, whatever is
** set afterwards, unless it is told that this is no upload. */
static void set_method (struct novita_request *request, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 0L);
  if (request->method == NOVITA_METHOD_GET)
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  else if (request->method == NOVITA_METHOD_PUT) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     (curl_off_t)request->body.len);
  }
  else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)request->body.len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.bytes);
  }
}


/* The one place that decides where the key goes. */
static struct curl_slist *choose_headers (const struct novita_request *request) {
  const struct novita_pool *pool = request->pool;
  if ((request->flags & NOVITA_REQUEST_AUTHENTICATED) != 0 &&
      novita_origin_same(&request->origin, &pool->api))
    return pool->authenticated;
  return request->headers != NULL ? request->headers : pool->plain;
}


static long attempt_milliseconds (const struct novita_request *request) {
  double seconds = request->try_seconds > 0 ? request->try_seconds : NOVITA_NEVER;
  double left = request->deadline - novita_clock_now();
  if (left < seconds) seconds = left;
  if (seconds >= LONGEST_SECONDS) return 0;  /* libcurl's "no limit" */
  return seconds < 0.001 ? 1 : (long)(seconds * 1000);
}


static void set_timeouts (const struct novita_request *request, CURL *easy) {
  bool bulk = (request->flags & NOVITA_REQUEST_BULK) != 0;
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, attempt_milliseconds(request));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, bulk ? SLOWEST_BYTES : 0L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   bulk ? SLOWEST_SECONDS : 0L);
}


/* A POST on a reused connection is sent again by libcurl itself when that
** connection turns out dead; only a fresh one rules that out. */
int novita_transfer_setup (struct novita_request *request, CURL *easy) {
  bool paid = (request->flags & NOVITA_REQUEST_PAID) != 0;
  bool small = (request->flags & NOVITA_REQUEST_SMALL) != 0;
  bool direct = novita_origin_loopback(&request->origin);
  set_method(request, easy);
  set_timeouts(request, easy);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, choose_headers(request));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, paid ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
#if LIBCURL_VERSION_NUM >= 0x075000
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
#endif
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
  curl_easy_setopt(easy, CURLOPT_READDATA, request);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, request);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
  if (copied(easy, CURLOPT_URL, request->url) != 0 ||
      copied(easy, CURLOPT_ACCEPT_ENCODING, small ? NULL : "") != 0)
    return -1;
  return copied(easy, CURLOPT_PROXY, direct ? "" : NULL);
}

/* }====== */


void novita_transfer_read (struct novita_request *request) {
  curl_off_t wait = 0, before = 0;
  long request_size = 0;
  curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &request->status);
  curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &wait);
  curl_easy_getinfo(request->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
  curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &request_size);
  request->retry_after = wait < LONGEST_REST ? (double)wait : LONGEST_REST;
  request->sent = before > 0 || request_size > 0;
}
