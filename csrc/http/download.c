/*
** download.c: see download.h
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "download.h"

#define REPLY_LIMIT (64 * 1024)


void novita_download_init (struct novita_download *d) {
  memset(d, 0, sizeof *d);
  novita_error_clear(&d->error);
  novita_call_init(&d->call, REPLY_LIMIT);
}


static void forget_file (struct novita_download *d) {
  if (d->call.sink >= 0) close(d->call.sink);
  d->call.sink = -1;
  if (d->temporary != NULL) unlink(d->temporary);
  free(d->temporary);
  d->temporary = NULL;
}


void novita_download_free (struct novita_download *d) {
  novita_call_free(&d->call);
  forget_file(d);
  free(d->path);
  d->path = NULL;
}


static int complain (const struct novita_download *d, const char *what,
                     struct novita_error *e) {
  return novita_fail(e, NOVITA_FILE, "save", "cannot %s '%s': %s", what,
                     d->path, strerror(errno));
}


/* The rename is only lasting once the folder is on disk too. */
static void sync_folder (const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash == NULL ? strdup(".")
                               : strndup(path, (size_t)(slash - path) + 1);
  int fd = folder != NULL ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  free(folder);
}


/* mkstemp makes files of mode 0600; people expect what their umask says */
static void widen (int fd) {
  mode_t mask = umask(0);
  umask(mask);
  fchmod(fd, 0666 & ~mask);
}


static int put_in_place (struct novita_download *d) {
  int fd = d->call.sink;
  widen(fd);
  d->call.sink = -1;
  if (fsync(fd) != 0) {
    complain(d, "write", &d->error);
    close(fd);
    return -1;
  }
  if (close(fd) != 0) return complain(d, "write", &d->error);
  if (rename(d->temporary, d->path) != 0)
    return complain(d, "create", &d->error);
  free(d->temporary);
  d->temporary = NULL;
  sync_folder(d->path);
  return 0;
}


static void done (struct novita_call *call) {
  struct novita_download *d = (struct novita_download *)
    ((char *)call - offsetof(struct novita_download, call));
  d->error = call->error;
  if (d->error.kind == NOVITA_OK && call->status == 200) put_in_place(d);
  forget_file(d);
  novita_op_finish(&d->op);
}


static void download_cancel (struct novita_op *op) {
  struct novita_download *d = (struct novita_download *)op;
  novita_call_cancel(&d->call);
  forget_file(d);
}


static const struct novita_op_class download_class = {
  "download", download_cancel
};


static int open_temporary (struct novita_download *d, struct novita_error *e) {
  size_t size = strlen(d->path) + sizeof ".XXXXXX.part";
  d->temporary = malloc(size);
  if (d->temporary == NULL) return novita_fail_memory(e);
  snprintf(d->temporary, size, "%s.XXXXXX.part", d->path);
  d->call.sink = mkostemps(d->temporary, 5, O_CLOEXEC);
  if (d->call.sink >= 0) return 0;
  free(d->temporary);
  d->temporary = NULL;
  return complain(d, "create", e);
}


int novita_download_start (struct novita_http *http,
                           struct novita_download *d, const char *path,
                           struct novita_error *e) {
  d->path = strdup(path);
  if (d->path == NULL) return novita_fail_memory(e);
  if (open_temporary(d, e) != 0) return -1;
  d->call.method = NOVITA_GET;
  d->call.flags = NOVITA_BULK | NOVITA_REDIRECTS;
  d->call.done = done;
  if (novita_call_start(http, &d->call, e) != 0) {
    forget_file(d);
    return -1;
  }
  novita_op_begin(&d->op, &download_class, http->loop);
  return 0;
}
