/*
** check.c: see check.h. The length of the header is checked before memory is
** asked for, and the length of the file before its data is read.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "values.h"

#define PIECE ((size_t)256 << 10)  /* stays in the cache of a core */
#define PAGE ((size_t)4096)
#define PREFIX 8  /* bytes of the header's length */


static int canceled (struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_CANCELED, "canceled", "canceled");
}


/* {====== the file ====== */

/* O_NONBLOCK: opening a pipe that has no writer would block */
static int open_file (const char *path, uint64_t *size,
                      struct novita_error *e) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "open", "it cannot be "
                            "opened: %s", strerror(errno));
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
    *size = (uint64_t)st.st_size;
    return fd;
  }
  close(fd);
  return novita_error_set(e, NOVITA_ERROR_FILE, "not_a_file",
                          "it is not a file");
}


/* exactly 'n' bytes */
static int read_bytes (int fd, void *out, size_t n, struct novita_error *e) {
  char *at = out;
  while (n > 0) {
    ssize_t got = read(fd, at, n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return novita_error_set(e, NOVITA_ERROR_FILE, "read",
                              "it cannot be read: %s", strerror(errno));
    if (got == 0)
      return novita_error_set(e, NOVITA_ERROR_FILE, "truncated",
                              "the file became shorter while it was read");
    at += got;
    n -= (size_t)got;
  }
  return 0;
}

/* }====== */


/* {====== the header ====== */

static int read_length (int fd, uint64_t size, size_t *length,
                        struct novita_error *e) {
  uint8_t bytes[PREFIX];
  uint64_t n = 0;
  int i;
  if (size < PREFIX + 2)
    return novita_error_set(e, NOVITA_ERROR_FILE, "truncated",
                            "a safetensors file has at least 10 bytes, this "
                            "one %u", (unsigned)size);
  if (read_bytes(fd, bytes, PREFIX, e) != 0) return -1;
  for (i = 0; i < PREFIX; i++) n |= (uint64_t)bytes[i] << (8 * i);
  if (n > NOVITA_SAFETENSORS_HEADER)
    return novita_error_set(e, NOVITA_ERROR_FILE, "invalid",
                            "it is not a safetensors file: its header would "
                            "have %llu bytes", (unsigned long long)n);
  if (n > size - PREFIX)
    return novita_error_set(e, NOVITA_ERROR_FILE, "truncated",
                            "the file is cut off inside its header");
  *length = (size_t)n;
  return 0;
}


static int read_header (int fd, struct novita_quota_share *share,
                        struct novita_safetensors_check *c,
                        struct novita_error *e) {
  size_t n = 0;
  char *text;
  if (read_length(fd, c->size, &n, e) != 0) return -1;
  if (novita_quota_take(share, NOVITA_SAFETENSORS_MEMORY(n) + PIECE) != 0)
    return canceled(e);
  text = malloc(n + 1);
  if (text == NULL) return novita_error_set_memory(e);
  if (read_bytes(fd, text, n, e) != 0) {
    free(text);
    return -1;
  }
  text[n] = '\0';
  c->header_size = n;
  return novita_safetensors_header_parse(&c->header, text, n,
                                         c->size - PREFIX - n, e);
}

/* }====== */


/* {====== the data ====== */

/* Whole pages of the file go to whole pages of memory: a copy between them
** takes a fifth of the time of any other. */
static int read_pieces (int fd, struct novita_quota_share *share,
                        struct novita_safetensors_check *c, uint8_t *piece,
                        struct novita_error *e) {
  uint64_t left = c->size - PREFIX - c->header_size;
  size_t skip = (PREFIX + (size_t)c->header_size) % PAGE;
  struct novita_safetensors_values values;
  novita_safetensors_values_begin(&values, &c->header);
  for (; left > 0; skip = 0) {
    size_t n = left < PIECE - skip ? (size_t)left : PIECE - skip;
    if (novita_quota_is_canceled(share)) return canceled(e);
    if (read_bytes(fd, piece + skip, n, e) != 0 ||
        novita_safetensors_values_add(&values, piece + skip, n, e) != 0)
      return -1;
    left -= n;
  }
  return 0;
}


static int read_data (int fd, struct novita_quota_share *share,
                      struct novita_safetensors_check *c,
                      struct novita_error *e) {
  uint8_t *piece = aligned_alloc(PAGE, PIECE);
  int r;
  if (piece == NULL) return novita_error_set_memory(e);
  r = read_pieces(fd, share, c, piece, e);
  free(piece);
  return r;
}

/* }====== */


static int check_fd (int fd, struct novita_quota_share *share,
                     struct novita_safetensors_check *c,
                     struct novita_error *e) {
  if (read_header(fd, share, c, e) == 0 && read_data(fd, share, c, e) == 0 &&
      novita_safetensors_lora_read(&c->header, &c->lora, e) == 0)
    return 0;
  novita_safetensors_check_free(c);
  return -1;
}


int novita_safetensors_check_file (const char *path,
                                   struct novita_quota_share *share,
                                   struct novita_safetensors_check *c,
                                   struct novita_error *e) {
  int fd, r;
  memset(c, 0, sizeof *c);
  fd = open_file(path, &c->size, e);
  if (fd < 0) return -1;
  r = check_fd(fd, share, c, e);
  close(fd);
  novita_quota_give_back(share);
  return r;
}


void novita_safetensors_check_free (struct novita_safetensors_check *c) {
  novita_safetensors_header_free(&c->header);
}
