/*
** output.c: see output.h. The queue has records of stream, length, text and a
** NUL.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../base/clock.h"
#include "output.h"

#define CHUNK 32768
#define QUEUE (1 << 20)  /* bytes; a chunk of the shortest lines needs less */


static void add_line (void *context, const char *text, size_t len) {
  const struct novita_output_stream *s = context;
  struct novita_buffer *q = &s->output->queue;
  char number = (char)(s - s->output->stream);
  if (novita_buffer_reserve(q, 1 + sizeof len + len + 1) != NOVITA_BUFFER_OK)
    return;  /* out of memory: a line is lost rather than the program */
  novita_buffer_append(q, &number, 1);
  novita_buffer_append(q, &len, sizeof len);
  novita_buffer_append(q, text, len + 1);
}


/* {====== pipes ====== */

static void end_stream (struct novita_output_stream *s) {
  if (s->fd < 0) return;
  novita_lines_end(&s->lines, add_line, s);
  novita_loop_watch(s->output->loop, s->fd, 0, NULL, NULL);
  close(s->fd);
  s->fd = -1;
}


static void watch (struct novita_output *o, int events,
                   novita_loop_io_callback *ready) {
  int i;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++) {
    struct novita_output_stream *s = &o->stream[i];
    if (s->fd >= 0 && novita_loop_watch(o->loop, s->fd, events, ready, s) != 0)
      end_stream(s);  /* out of memory */
  }
}


static void add_bytes (struct novita_output_stream *s, const char *bytes,
                       size_t n) {
  struct novita_output *o = s->output;
  o->heard = novita_clock_now();
  novita_lines_add(&s->lines, bytes, n, add_line, s);
  if (s == &o->stream[NOVITA_SPAWN_PROGRESS]) return;
  o->printed += n;
  novita_log_add(&o->log, bytes, n);
}


static void on_ready (void *context, int fd, int events) {
  struct novita_output_stream *s = context;
  struct novita_output *o = s->output;
  char chunk[CHUNK];
  ssize_t n = read(fd, chunk, sizeof chunk);
  (void)events;
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) add_bytes(s, chunk, (size_t)n);
  else end_stream(s);
  if (o->queue.len > 0) watch(o, 0, NULL);
  o->changed(o);
}

/* }====== */


void novita_output_open (struct novita_output *o, struct novita_loop *loop,
                         const int fd[NOVITA_SPAWN_PIPES]) {
  int i;
  o->loop = loop;
  o->heard = novita_clock_now();
  novita_buffer_init(&o->queue, QUEUE);
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++) {
    o->stream[i].output = o;
    o->stream[i].fd = fd[i];
  }
  watch(o, NOVITA_POLLER_READ, on_ready);
}


void novita_output_take (struct novita_output *o, novita_output_callback *line,
                         void *context) {
  size_t at = 0, len;
  while (at < o->queue.len) {
    int number = (unsigned char)o->queue.data[at];
    memcpy(&len, o->queue.data + at + 1, sizeof len);
    at += 1 + sizeof len;
    line(context, number, o->queue.data + at, len);
    at += len + 1;
  }
  novita_buffer_clear(&o->queue);
  watch(o, NOVITA_POLLER_READ, on_ready);
}


bool novita_output_ended (const struct novita_output *o) {
  int i;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++)
    if (o->stream[i].fd >= 0) return false;
  return true;
}


void novita_output_end (struct novita_output *o) {
  int i;
  for (i = 0; i < NOVITA_SPAWN_PIPES; i++) end_stream(&o->stream[i]);
}


void novita_output_free (struct novita_output *o) {
  if (o->loop == NULL) return;  /* never opened */
  novita_log_close(&o->log);
  novita_buffer_free(&o->queue);
}
