/*
** throttle.c: see throttle.h. The server asks for bytes; when none are due yet the
** connection takes a nap and is asked again afterwards.
*/
#include <stdlib.h>
#include <string.h>

#include "throttle.h"

#define SHORTEST_SUSPEND 0.01
#define LONGEST_SUSPEND 0.25

struct throttle {
  struct novita_suspend_queue *suspend;
  struct novita_suspended suspended;
  double rate;    /* bytes a second; 0 = no limit */
  double begun;
  size_t stop;    /* bytes after which the connection ends */
  char bytes[];
};


static size_t due (const struct throttle *d) {
  double n;
  if (d->rate <= 0) return d->stop;
  n = (novita_suspend_now() - d->begun) * d->rate;
  return n < (double)d->stop ? (size_t)n : d->stop;
}


static ssize_t doze (struct throttle *d, size_t missing) {
  double seconds = (double)missing / d->rate;
  if (seconds < SHORTEST_SUSPEND) seconds = SHORTEST_SUSPEND;
  if (seconds > LONGEST_SUSPEND) seconds = LONGEST_SUSPEND;
  if (novita_suspend_add(d->suspend, &d->suspended, seconds) != 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  return 0;
}


static ssize_t read_some (void *cls, uint64_t pos, char *buf, size_t max) {
  struct throttle *d = cls;
  size_t from = (size_t)pos, n;
  if (from >= d->stop) return MHD_CONTENT_READER_END_WITH_ERROR;
  n = due(d);
  if (n <= from) return doze(d, from + 1 - n);
  n -= from;
  if (n > max) n = max;
  memcpy(buf, d->bytes + from, n);
  return (ssize_t)n;
}


struct MHD_Response *
novita_throttle_new (struct novita_suspend_queue *suspend, struct MHD_Connection *connection,
                 const char *bytes, size_t len, size_t stop, double rate) {
  struct MHD_Response *response;
  struct throttle *d = calloc(1, sizeof *d + len);
  if (d == NULL) return NULL;
  d->suspend = suspend;
  d->suspended.connection = connection;
  d->rate = rate;
  d->begun = novita_suspend_now();
  d->stop = stop < len ? stop : len;
  memcpy(d->bytes, bytes, len);
  response = MHD_create_response_from_callback(len, 32 * 1024, read_some, d,
                                               free);
  if (response == NULL) free(d);
  return response;
}
