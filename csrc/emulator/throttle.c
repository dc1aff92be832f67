/*
** throttle.c: see throttle.h. The server asks for bytes; when none are due yet the
** connection takes a nap and is asked again afterwards.
*/
#include <stdlib.h>
#include <string.h>

#include "throttle.h"

#define SHORTEST_NAP 0.01
#define LONGEST_NAP 0.25

struct drip {
  struct novita_naps *naps;
  struct novita_nap nap;
  double rate;    /* bytes a second; 0 = no limit */
  double begun;
  size_t stop;    /* bytes after which the connection ends */
  char bytes[];
};


static size_t due (const struct drip *d) {
  double n;
  if (d->rate <= 0) return d->stop;
  n = (novita_emulator_now() - d->begun) * d->rate;
  return n < (double)d->stop ? (size_t)n : d->stop;
}


static ssize_t doze (struct drip *d, size_t missing) {
  double seconds = (double)missing / d->rate;
  if (seconds < SHORTEST_NAP) seconds = SHORTEST_NAP;
  if (seconds > LONGEST_NAP) seconds = LONGEST_NAP;
  if (novita_naps_add(d->naps, &d->nap, seconds) != 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  return 0;
}


static ssize_t read_some (void *cls, uint64_t pos, char *buf, size_t max) {
  struct drip *d = cls;
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
novita_drip_new (struct novita_naps *naps, struct MHD_Connection *connection,
                 const char *bytes, size_t len, size_t stop, double rate) {
  struct MHD_Response *response;
  struct drip *d = calloc(1, sizeof *d + len);
  if (d == NULL) return NULL;
  d->naps = naps;
  d->nap.connection = connection;
  d->rate = rate;
  d->begun = novita_emulator_now();
  d->stop = stop < len ? stop : len;
  memcpy(d->bytes, bytes, len);
  response = MHD_create_response_from_callback(len, 32 * 1024, read_some, d,
                                               free);
  if (response == NULL) free(d);
  return response;
}
