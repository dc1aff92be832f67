/*
** probe.c: the header of a picture. A JPEG's is near its start; the other
** formats may keep the orientation behind the pixels.
*/
#include "exif.h"
#include "prepare.h"

#define START 131072  /* bytes that hold most JPEG headers */


static void describe (const struct novita_decoder *d,
                      struct novita_probed *out) {
  int turned = novita_is_turned(d->info.orientation);
  out->format = d->info.format;
  out->width = turned ? d->info.height : d->info.width;
  out->height = turned ? d->info.width : d->info.height;
  out->orientation = d->info.orientation;
  out->channels = d->info.channels;
  out->bits = d->info.bits;
  out->alpha = d->info.alpha;
}


/* Looks at the first 'most' bytes (0 = all). '*again' is set where more of
** them could change the answer. */
static int look (const struct novita_source *source, size_t most,
                 const struct novita_limits *limits, int lenient,
                 struct novita_probed *out, int *again,
                 struct novita_error *e) {
  struct novita_bytes bytes;
  struct novita_decoder d;
  int r;
  *again = 0;
  if (novita_bytes_open(&bytes, source, limits->bytes, most, e) != 0)
    return -1;
  r = novita_decoder_open(&d, bytes.data, bytes.len, limits, lenient, e);
  if (r == 0) describe(&d, out);
  if (most != 0 && bytes.len == most)
    *again = r != 0 || d.info.format != NOVITA_JPEG;
  novita_decoder_close(&d);
  novita_bytes_close(&bytes);
  return r;
}


int novita_image_probe (const struct novita_source *source,
                        const struct novita_limits *limits, int lenient,
                        struct novita_probed *out, struct novita_error *e) {
  int again, r = look(source, START, limits, lenient, out, &again, e);
  if (!again || source->path == NULL) return r;
  return look(source, 0, limits, lenient, out, &again, e);
}
