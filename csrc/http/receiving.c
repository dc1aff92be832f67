/*
** receiving.c: see receiving.h
*/
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../base/file_sync.h"
#include "compression.h"
#include "receiving.h"

#define PIECE (4u << 20)  /* of a file: then begin to write it to disk */


/* {====== the body ====== */

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

/* }====== */


/* {====== headers ====== */

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


void novita_receiving_set_callbacks (CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
}


void novita_receiving_set_data (CURL *easy, struct novita_request *request) {
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
}
