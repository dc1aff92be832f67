/*
** decoder_colour.c: see decoder_colour.h
*/
#include "../codec/pixels.h"
#include "decoder_colour.h"
#include "profile.h"


static int colour_channels (const struct novita_image_info *info) {
  if (info->cmyk) return 4;
  return info->channels - (novita_pixels_has_alpha(info->channels) ? 1 : 0);
}


int novita_decoder_colour (struct novita_decoder *d, struct novita_colour *c,
                           struct novita_error *e) {
  struct novita_profile profile;
  int r;
  if (novita_profile_find(&profile, d->info.format, d->file->data,
                          d->file->len, e) != 0)
    return -1;
  r = novita_colour_open(c, &profile, colour_channels(&d->info),
                         d->info.bits == 16, e);
  novita_profile_free(&profile);
  if (r == 0 && d->info.cmyk && novita_colour_converts(c))
    novita_decoder_keep_cmyk(d);
  if (r == 0 && d->info.bits == 16 && novita_colour_converts(c))
    novita_decoder_keep_wide(d);
  return r;
}


int novita_decoder_colour_row (const struct novita_decoder *d,
                               const struct novita_colour *c, uint8_t *row) {
  int channels = d->info.channels, n = d->width;
  if (!novita_colour_converts(c)) return channels;
  if (d->info.wide)
    novita_colour_wide_row(c, row, (const uint16_t *)row, n, channels);
  else if (!d->info.cmyk && novita_pixels_has_alpha(channels))
    novita_colour_alpha_row(c, row, n);
  else
    novita_colour_row(c, row, row, n);
  return d->info.cmyk ? 3 : channels;
}
