/*
** download.c: see download.h
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/file_sync.h"
#include "download.h"

#define RESPONSE_LIMIT (64 * 1024)
#define MOST_NAMES 100


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


static int save (struct novita_download *d) {
  int fd = d->request.options.sink;
  if (d->is_image && is_page(fd))
    return novita_error_set(&d->error, NOVITA_ERROR_PROTOCOL, "not_an_image",
                            "the storage did not send an image");
  d->request.options.sink = -1;
  if (fsync(fd) != 0) {
    file_error(d, "write", &d->error);
    close(fd);
    return -1;
  }
  if (close(fd) != 0) return file_error(d, "write", &d->error);
  if (rename(d->temporary, d->path) != 0)
    return file_error(d, "create", &d->error);
  free(d->temporary);
  d->temporary = NULL;
  novita_file_sync_folder(d->path);
  return 0;
}


static void done (struct novita_request *request) {
  struct novita_download *d =
    NOVITA_CONTAINER_OF(request, struct novita_download, request);
  d->error = request->result.error;
  if (d->error.kind == NOVITA_ERROR_NONE && request->result.status == 200)
    save(d);
  remove_temporary(d);
  novita_op_finish(&d->op);
}


static void paused (struct novita_request *request) {
  struct novita_download *d =
    NOVITA_CONTAINER_OF(request, struct novita_download, request);
  novita_op_changed(&d->op);
}


static void download_cancel (struct novita_op *op) {
  struct novita_download *d = (struct novita_download *)op;
  novita_request_cancel(&d->request);
  remove_temporary(d);
}


static const struct novita_op_class download_class = {
  "download", download_cancel
};


/* Not mkstemp, whose files only their owner can read: people expect the modes
** of their umask, and reading the umask means changing it for all threads. */
static int create_new (struct novita_random *random, char *name, size_t size,
                       const char *path) {
  int i, fd = -1;
  for (i = 0; i < MOST_NAMES && fd < 0; i++) {
    snprintf(name, size, "%s.%06x.part", path,
             (unsigned)(novita_random_next(random) * 0x1000000));
    fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  return fd;
}


static int open_temporary (struct novita_pool *pool, struct novita_download *d,
                           struct novita_error *e) {
  size_t size = strlen(d->path) + sizeof ".123456.part";
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


int novita_download_start (struct novita_pool *pool,
                           struct novita_download *d, const char *path,
                           struct novita_error *e) {
  d->path = strdup(path);
  if (d->path == NULL) return novita_error_set_memory(e);
  if (open_temporary(pool, d, e) != 0) return -1;
  d->request.options.method = NOVITA_METHOD_GET;
  d->request.options.flags = NOVITA_REQUEST_BULK | NOVITA_REQUEST_REDIRECTS;
  d->request.options.done = done;
  d->request.options.paused = paused;
  if (novita_request_start(pool, &d->request, e) != 0) {
    remove_temporary(d);
    return -1;
  }
  novita_op_begin(&d->op, &download_class, pool->loop);
  return 0;
}
