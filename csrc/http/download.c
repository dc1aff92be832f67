/*
** download.c: see download.h
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/text.h"
#include "download.h"

#define RESPONSE_LIMIT (64 * 1024)
#define MOST_NAMES 100
#define ENDING ".123456.part"


void novita_download_init (struct novita_download *d) {
  memset(d, 0, sizeof *d);
  novita_error_clear(&d->error);
  novita_request_init(&d->request, RESPONSE_LIMIT);
}


static void remove_temporary (struct novita_download *d) {
  if (d->request.options.sink >= 0) close(d->request.options.sink);
  d->request.options.sink = -1;
  if (d->temporary != NULL) unlink(d->temporary);
  free(d->temporary);
  d->temporary = NULL;
}


void novita_download_free (struct novita_download *d) {
  novita_request_free(&d->request);
  remove_temporary(d);
  free(d->path);
  d->path = NULL;
}


static int file_error (const struct novita_download *d, const char *what,
                     struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_FILE, "save", "cannot %s '%s': %s",
                          what, d->path, strerror(errno));
}


/* A page of a gateway, a JSON error or an empty body, with status 200: no image
** begins like that, and a paid image must not seem to be saved. */
static bool is_page (int fd) {
  char start[32];
  ssize_t i = 0, n = pread(fd, start, sizeof start, 0);
  if (n <= 0) return true;
  while (i < n && strchr(" \t\r\n", start[i]) != NULL && start[i] != '\0') i++;
  if (i == n) return n < (ssize_t)sizeof start;  /* the whole file */
  return start[i] == '<' || start[i] == '{';
}


static void finish (struct novita_download *d) {
  remove_temporary(d);
  novita_op_finish(&d->op);
}


static void saved (struct novita_file_save *save) {
  struct novita_download *d =
    NOVITA_CONTAINER_OF(save, struct novita_download, saving);
  errno = save->error;
  if (save->failed != NULL) file_error(d, save->failed, &d->error);
  finish(d);
}


static bool is_to_be_saved (struct novita_download *d) {
  const struct novita_request_result *result = &d->request.result;
  d->error = result->error;
  if (d->error.kind != NOVITA_ERROR_NONE || result->status != 200 ||
      d->temporary == NULL)
    return false;
  if (!d->is_image || !is_page(d->request.options.sink)) return true;
  novita_error_set(&d->error, NOVITA_ERROR_PROTOCOL, "not_an_image",
                   "the storage did not send an image");
  return false;
}


static void done (struct novita_request *request) {
  struct novita_download *d =
    NOVITA_CONTAINER_OF(request, struct novita_download, request);
  if (!is_to_be_saved(d)) {
    finish(d);
    return;
  }
  d->saving.fd = request->options.sink;
  d->saving.from = d->temporary;
  d->saving.to = d->path;
  d->saving.done = saved;
  novita_file_save_start(d->op.loop, &d->saving);
}


static void paused (struct novita_request *request) {
  struct novita_download *d =
    NOVITA_CONTAINER_OF(request, struct novita_download, request);
  novita_op_changed(&d->op);
}


static void download_cancel (struct novita_op *op) {
  struct novita_download *d = (struct novita_download *)op;
  novita_request_cancel(&d->request);
  novita_file_save_cancel(op->loop, &d->saving);
  remove_temporary(d);
}


static const struct novita_op_class download_class = {
  "download", download_cancel
};


/* how much of 'path' can be the start of the temporary name */
static size_t kept_length (const char *path) {
  const char *slash = strrchr(path, '/');
  size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - path);
  return folder + novita_text_cut(path + folder,
                                  NAME_MAX - sizeof ENDING + 1);
}


/* Not mkstemp, whose files only their owner can read: people expect the modes
** of their umask, and reading the umask means changing it for all threads. */
static int create_new (struct novita_random *random, char *name, size_t size,
                       const char *path) {
  size_t kept = kept_length(path);
  int i, fd = -1;
  for (i = 0; i < MOST_NAMES && fd < 0; i++) {
    snprintf(name, size, "%.*s.%06x.part", (int)kept, path,
             (unsigned)(novita_random_next(random) * 0x1000000));
    fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  return fd;
}


static int open_temporary (struct novita_pool *pool, struct novita_download *d,
                           struct novita_error *e) {
  size_t size = strlen(d->path) + sizeof ENDING;
  d->temporary = malloc(size);
  if (d->temporary == NULL) return novita_error_set_memory(e);
  d->request.options.sink = create_new(&pool->random, d->temporary, size,
                                       d->path);
  if (d->request.options.sink >= 0) return 0;
  file_error(d, "create", e);
  free(d->temporary);
  d->temporary = NULL;
  return -1;
}


static int start (struct novita_pool *pool, struct novita_download *d,
                  struct novita_error *e) {
  d->request.options.method = NOVITA_METHOD_GET;
  d->request.options.flags |= NOVITA_REQUEST_BULK | NOVITA_REQUEST_REDIRECTS;
  d->request.options.done = done;
  d->request.options.paused = paused;
  if (novita_request_start(pool, &d->request, e) != 0) {
    remove_temporary(d);
    return -1;
  }
  novita_op_begin(&d->op, &download_class, pool->loop);
  return 0;
}


int novita_download_start (struct novita_pool *pool,
                           struct novita_download *d, const char *path,
                           struct novita_error *e) {
  d->path = strdup(path);
  if (d->path == NULL) return novita_error_set_memory(e);
  if (open_temporary(pool, d, e) != 0) return -1;
  return start(pool, d, e);
}


static int add_header (struct novita_download *d, const char *line) {
  struct curl_slist *list = curl_slist_append(d->request.options.headers, line);
  if (list == NULL) return -1;
  d->request.options.headers = list;
  return 0;
}


/* A range of a compressed response would be useless: files are never asked for
** compressed. */
static int set_range (struct novita_download *d, uint64_t first, uint64_t last,
                      struct novita_error *e) {
  char line[80];
  if (last == 0) return 0;
  d->request.options.sink_start = first;
  d->request.options.flags = NOVITA_REQUEST_RANGE;
  snprintf(line, sizeof line, "Range: bytes=%" PRIu64 "-%" PRIu64, first, last);
  if (add_header(d, line) == 0 && add_header(d, "Expect:") == 0) return 0;
  return novita_error_set_memory(e);
}


int novita_download_start_into (struct novita_pool *pool,
                                struct novita_download *d, int fd,
                                uint64_t first, uint64_t last,
                                struct novita_error *e) {
  if (set_range(d, first, last, e) != 0) return -1;
  d->request.options.sink = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (d->request.options.sink < 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "save",
                            "cannot use the file: %s", strerror(errno));
  return start(pool, d, e);
}
