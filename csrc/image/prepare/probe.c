/*
** probe.c: reads the header of an image. Of a JPEG, nothing else is read; other
** formats may store the orientation after the pixels.
*/
#include <string.h>

#include "../codec/exif.h"
#include "../formats/formats.h"
#include "prepare.h"


static void describe (const struct novita_decoder *d,
                      struct novita_probe_result *out) {
  bool turned = novita_exif_swaps_sides(d->info.orientation);
  out->format = d->info.format;
  out->width = turned ? d->info.height : d->info.width;
  out->height = turned ? d->info.width : d->info.height;
  out->orientation = d->info.orientation;
  out->channels = d->info.channels;
  out->bits = d->info.bits;
  out->alpha = d->info.alpha;
}


int novita_image_probe (const struct novita_source *source,
                        const struct novita_limits *limits, bool lenient,
                        struct novita_probe_result *out,
                        struct novita_error *e) {
  struct novita_source_reader bytes;
  struct novita_decoder d;
  int r = novita_source_open(&bytes, source, limits->bytes, e);
  memset(&d, 0, sizeof d);
  if (r == 0) r = novita_formats_open_decoder(&d, &bytes, limits, lenient, e);
  if (r == 0) describe(&d, out);
  novita_decoder_close(&d);
  novita_source_close(&bytes);
  return r;
}
