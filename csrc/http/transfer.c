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

static size_t write_sink (struct novita_call *call, const char *data,
                          size_t n) {
  size_t done = 0;
  while (done < n) {
    ssize_t w = write(call->sink, data + done, n - done);
    if (w < 0 && errno == EINTR) continue;
    if (w <= 0) {
      novita_fail(&call->error, NOVITA_FILE, "write", "cannot write the "
                  "download: %s", strerror(errno));
      return 0;
    }
    done += (size_t)w;
  }
  return n;
}


/* A refusal's body is no picture: it goes to the reply, for the error. */
static bool is_for_sink (const struct novita_call *call) {
  long status = 0;
  if (call->sink < 0) return false;
  curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
  return status == 200;
}


/* What a refused download says beyond the reply's limit is dropped. */
static size_t write_reply (struct novita_call *call, const char *data,
                           size_t n) {
  enum novita_append r = novita_buffer_append(&call->reply, data, n);
  if (r == NOVITA_APPENDED || call->sink >= 0) return n;
  if (r == NOVITA_NO_MEMORY) novita_fail_memory(&call->error);
  else call->too_big = true;
  return 0;
}


static size_t on_write (char *data, size_t size, size_t count, void *arg) {
  struct novita_call *call = arg;
  size_t n = size * count;
  if (call->error.kind != NOVITA_OK) return 0;  /* the file is no good */
  call->received += n;
  if (call->sink >= 0 && call->received > call->sink_limit) {
    call->too_big = true;
    return 0;
  }
  return is_for_sink(call) ? write_sink(call, data, n)
                           : write_reply(call, data, n);
}


static size_t on_read (char *data, size_t size, size_t count, void *arg) {
  struct novita_call *call = arg;
  uint64_t left = call->body.len - call->moved;
  size_t n = size * count;
  if (n > left) n = (size_t)left;
  if (n == 0) return 0;
  if (call->body.bytes != NULL)
    memcpy(data, call->body.bytes + call->moved, n);
  else {
    ssize_t r = pread(call->body.fd, data, n, (off_t)call->moved);
    if (r <= 0) {
      novita_fail(&call->error, NOVITA_FILE, "changed",
                  "the file could not be read to its end while it was being "
                  "sent");
      return CURL_READFUNC_ABORT;
    }
    n = (size_t)r;
  }
  call->moved += n;
  return n;
}


static int on_seek (void *arg, curl_off_t offset, int origin) {
  struct novita_call *call = arg;
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  call->moved = (uint64_t)offset;
  return CURL_SEEKFUNC_OK;
}


#if LIBCURL_VERSION_NUM >= 0x075000
/* A request is about to be sent. When a kept connection dies libcurl sends it
** again by itself; with a PUT its 7.88 then sends the head alone and waits
** for ever. Repeating is for our own rules, which count and pause. */
static int on_request (void *arg, char *ip, char *local_ip, int port,
                       int local_port) {
  struct novita_call *call = arg;
  (void)ip, (void)local_ip, (void)port, (void)local_port;
  if (call->requests++ == 0 || call->method == NOVITA_GET)
    return CURL_PREREQFUNC_OK;
  novita_fail(&call->error, NOVITA_NETWORK, "reset",
              "%s:%d: a kept connection broke", call->origin.host,
              call->origin.port);
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
  struct novita_call *call = arg;
  size_t n = size * count;
  if (n >= 5 && memcmp(data, "HTTP/", 5) == 0) call->headed = false;
  if (n > 0 && (data[0] == '\r' || data[0] == '\n')) call->headed = true;
  keep_header(data, n, "date:", call->date, sizeof call->date);
  keep_header(data, n, "content-range:", call->content_range,
              sizeof call->content_range);
  keep_header(data, n, "etag:", call->etag, sizeof call->etag);
  return n;
}

/* }====== */


/* {====== options ====== */

/* Names are resolved by now: whatever the URL said, this is where it leads.
** A child process that the script starts must not hold our connections open. */
static curl_socket_t on_open (void *arg, curlsocktype purpose,
                              struct curl_sockaddr *to) {
  struct novita_call *call = arg;
  curl_socket_t fd;
  (void)purpose;
  if (call->guarded && !novita_address_public(&to->addr) &&
      !novita_address_is_proxy(&to->addr)) {
    call->led_astray = true;
    return CURL_SOCKET_BAD;
  }
  fd = socket(to->family, to->socktype, to->protocol);
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) return fd;
  call->no_socket = errno;
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


int novita_exchange_prepare (struct novita_http *http, CURL *easy) {
  restrict_protocols(easy);
  prefer_cheap_ciphers(easy);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, wants_no_signal());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   (long)(http->connect_seconds * 1000));
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
#if LIBCURL_VERSION_NUM >= 0x075000
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
#endif
  if (copied(easy, CURLOPT_USERAGENT, http->user_agent) != 0) return -1;
  return http->ca_file != NULL ? trust_only(easy, http->ca_file) : 0;
}


/* A handle that has put keeps on putting in libcurl before 8.1, whatever is
** set afterwards, unless it is told that this is no upload. */
static void set_method (struct novita_call *call, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 0L);
  if (call->method == NOVITA_GET)
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  else if (call->method == NOVITA_PUT) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     (curl_off_t)call->body.len);
  }
  else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)call->body.len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.bytes);
  }
}


/* The one place that decides where the key goes. */
static struct curl_slist *choose_headers (const struct novita_call *call) {
  const struct novita_http *http = call->http;
  if ((call->flags & NOVITA_KEYED) != 0 &&
      novita_origin_same(&call->origin, &http->api))
    return http->keyed;
  return call->headers != NULL ? call->headers : http->plain;
}


static long attempt_milliseconds (const struct novita_call *call) {
  double seconds = call->try_seconds > 0 ? call->try_seconds : NOVITA_NEVER;
  double left = call->deadline - novita_now();
  if (left < seconds) seconds = left;
  if (seconds >= LONGEST_SECONDS) return 0;  /* libcurl's "no limit" */
  return seconds < 0.001 ? 1 : (long)(seconds * 1000);
}


static void set_patience (const struct novita_call *call, CURL *easy) {
  bool bulk = (call->flags & NOVITA_BULK) != 0;
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, attempt_milliseconds(call));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, bulk ? SLOWEST_BYTES : 0L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   bulk ? SLOWEST_SECONDS : 0L);
}


/* A POST on a reused connection is sent again by libcurl itself when that
** connection turns out dead; only a fresh one rules that out. */
int novita_exchange_setup (struct novita_call *call, CURL *easy) {
  bool paid = (call->flags & NOVITA_PAID) != 0;
  bool small = (call->flags & NOVITA_SMALL) != 0;
  bool direct = novita_origin_loopback(&call->origin);
  set_method(call, easy);
  set_patience(call, easy);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, choose_headers(call));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, paid ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
#if LIBCURL_VERSION_NUM >= 0x075000
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
#endif
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
  curl_easy_setopt(easy, CURLOPT_READDATA, call);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
  if (copied(easy, CURLOPT_URL, call->url) != 0 ||
      copied(easy, CURLOPT_ACCEPT_ENCODING, small ? NULL : "") != 0)
    return -1;
  return copied(easy, CURLOPT_PROXY, direct ? "" : NULL);
}

/* }====== */


void novita_exchange_read (struct novita_call *call) {
  curl_off_t wait = 0, before = 0;
  long request = 0;
  curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &call->status);
  curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &wait);
  curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
  curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request);
  call->retry_after = wait < LONGEST_REST ? (double)wait : LONGEST_REST;
  call->sent = before > 0 || request > 0;
}
