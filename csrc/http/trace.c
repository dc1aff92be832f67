/*
** trace.c: see trace.h.
*/
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pool.h"
#include "trace.h"

#define PATH_MOST 250  /* bytes of a path that are shown */


static const char *method_of (const struct novita_request *request) {
  enum novita_method method = request->options.method;
  return method == NOVITA_METHOD_GET ? "GET"
         : method == NOVITA_METHOD_PUT ? "PUT" : "POST";
}


static const char *path_of (const struct novita_request_options *options) {
  const char *path = strstr(options->url, "://");
  if (options->target != NULL) return options->target;
  return path != NULL ? strchr(path + 3, '/') : NULL;
}


/* the path and query of a request to the API; of a link, that it is one */
static void write_target (FILE *out, const struct novita_request *request) {
  const struct novita_origin *origin = &request->result.origin;
  const char *path = path_of(&request->options);
  fprintf(out, "%s:%d", origin->host, origin->port);
  if (!(request->options.flags & NOVITA_REQUEST_AUTHENTICATED))
    fputs(" (link)", out);
  else if (path != NULL) fprintf(out, "%.*s", PATH_MOST, path);
}


static void write_end (FILE *out, const struct novita_request *request,
                       CURLcode code) {
  const struct novita_request_result *result = &request->result;
  curl_off_t time = 0;
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_TOTAL_TIME_T, &time);
  if (code == CURLE_OK) fprintf(out, " -> %ld", result->status);
  else fprintf(out, " -> %s", curl_easy_strerror(code));
  fprintf(out, ", %d ms, sent %llu bytes, received %llu", (int)(time / 1000),
          (unsigned long long)request->options.body.len,
          (unsigned long long)result->received);
  if (result->attempts > 1) fprintf(out, ", attempt %d", result->attempts);
}


void novita_trace_attempt (const struct novita_request *request,
                           CURLcode code) {
  char line[640];
  FILE *out;
  long len;
  if (!request->state.pool->trace) return;
  out = fmemopen(line, sizeof(line), "w");
  if (out == NULL) return;  /* no line on out-of-memory */
  fprintf(out, "novita http: %s ", method_of(request));
  write_target(out, request);
  write_end(out, request, code);
  fputc('\n', out);
  len = ftell(out);
  fclose(out);
  /* in one call, so that the lines of several threads stay whole */
  if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0) return;
}
