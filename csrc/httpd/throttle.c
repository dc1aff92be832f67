/*
** throttle.c: see throttle.h. The server requests bytes; if none are due yet,
** the connection is suspended, and then the server requests them again.
*/
#include <stdlib.h>
#include <string.h>

#include "throttle.h"

#define SHORTEST_SUSPEND 0.01
#define LONGEST_SUSPEND 0.25

struct throttle {
  struct novita_suspend_queue *suspend;
  struct novita_suspended suspended;
  double rate;    /* bytes per second; 0 = unlimited */
  double started;
  size_t stop;    /* bytes after which the connection ends */
  char bytes[];
};


static size_t due (const struct throttle *t) {
  double n;
  if (t->rate <= 0) return t->stop;
  n = (novita_suspend_now() - t->started) * t->rate;
  return n < (double)t->stop ? (size_t)n : t->stop;
}


static ssize_t wait_for (struct throttle *t, size_t missing) {
  double seconds = (double)missing / t->rate;
  if (seconds < SHORTEST_SUSPEND) seconds = SHORTEST_SUSPEND;
  if (seconds > LONGEST_SUSPEND) seconds = LONGEST_SUSPEND;
  if (novita_suspend_add(t->suspend, &t->suspended, seconds) != 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  return 0;
}


static ssize_t read_some (void *cls, uint64_t pos, char *buf, size_t max) {
  struct throttle *t = cls;
  size_t from = (size_t)pos, n;
  if (from >= t->stop) return MHD_CONTENT_READER_END_WITH_ERROR;
  n = due(t);
  if (n <= from) return wait_for(t, from + 1 - n);
  n -= from;
  if (n > max) n = max;
  memcpy(buf, t->bytes + from, n);
  return (ssize_t)n;
}


struct MHD_Response *
novita_throttle_new (struct novita_suspend_queue *suspend,
                     struct MHD_Connection *connection,
                     const char *bytes, size_t len, size_t stop, double rate) {
  struct MHD_Response *response;
  struct throttle *t = calloc(1, sizeof *t + len);
  if (t == NULL) return NULL;
  t->suspend = suspend;
  t->suspended.connection = connection;
  t->rate = rate;
  t->started = novita_suspend_now();
  t->stop = stop < len ? stop : len;
  memcpy(t->bytes, bytes, len);
  response = MHD_create_response_from_callback(len, 32 * 1024, read_some, t,
                                               free);
  if (response == NULL) free(t);
  return response;
}
