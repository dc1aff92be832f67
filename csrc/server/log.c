/*
** log.c: see log.h
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define APPEND (O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW)


int novita_log_open (struct novita_log *log, const char *path,
                     uint64_t limit, struct novita_error *e) {
  struct stat st;
  memset(log, 0, sizeof *log);
  log->fd = -1;
  log->limit = limit;
  if (path == NULL) return 0;
  log->path = strdup(path);
  if (log->path == NULL) return novita_error_set_memory(e);
  log->fd = open(path, APPEND, 0600);
  if (log->fd < 0 || fstat(log->fd, &st) != 0) {
    novita_error_set(e, NOVITA_ERROR_FILE, "log", "cannot write the log: %s",
                     strerror(errno));
    novita_log_close(log);
    return -1;
  }
  log->size = (uint64_t)st.st_size;
  return 0;
}


void novita_log_close (struct novita_log *log) {
  if (log->fd >= 0) close(log->fd);
  log->fd = -1;
  free(log->path);
  log->path = NULL;
}


/* {====== the file ====== */

static void fail (struct novita_log *log) {
  if (log->failed == 0) log->failed = errno;
}


/* -1 in 'fd' if no new file can be opened */
static void begin_anew (struct novita_log *log) {
  size_t len = strlen(log->path) + sizeof ".old";
  char *old = malloc(len);
  if (old == NULL) return;
  snprintf(old, len, "%s.old", log->path);
  if (rename(log->path, old) == 0) {
    close(log->fd);
    log->fd = open(log->path, APPEND, 0600);
    log->size = 0;
  }
  if (log->fd < 0 || log->size > 0) fail(log);
  free(old);
}


static void write_file (struct novita_log *log, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t done = write(log->fd, bytes, n);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      fail(log);
      return;
    }
    bytes += done;
    n -= (size_t)done;
    log->size += (uint64_t)done;
  }
}

/* }====== */


/* {====== the tail: a buffer of twice its length is shifted once per length */

static void keep_tail (struct novita_log *log, const char *bytes, size_t n) {
  if (n > NOVITA_LOG_TAIL) {
    bytes += n - NOVITA_LOG_TAIL;
    n = NOVITA_LOG_TAIL;
  }
  if (log->tail_len + n > sizeof log->tail) {
    size_t kept = NOVITA_LOG_TAIL;
    memmove(log->tail, log->tail + log->tail_len - kept, kept);
    log->tail_len = kept;
  }
  memcpy(log->tail + log->tail_len, bytes, n);
  log->tail_len += n;
}


const char *novita_log_tail (const struct novita_log *log, size_t *len) {
  *len = log->tail_len < NOVITA_LOG_TAIL ? log->tail_len : NOVITA_LOG_TAIL;
  return log->tail + log->tail_len - *len;
}

/* }====== */


void novita_log_add (struct novita_log *log, const char *bytes, size_t n) {
  keep_tail(log, bytes, n);
  if (log->fd >= 0 && log->size >= log->limit / 2) begin_anew(log);
  if (log->fd >= 0) write_file(log, bytes, n);
}
