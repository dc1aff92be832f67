/*
** decoder_colour.c: see decoder_colour.h
*/
#include <string.h>

#include "../codec/pixels.h"
#include "decoder_colour.h"
#include "h273.h"
#include "profile.h"


static int colour_channels (const struct novita_image_info *info) {
  if (info->cmyk) return 4;
  return info->channels - (novita_pixels_has_alpha(info->channels) ? 1 : 0);
}


static bool is_unspecified (const struct novita_decoder_profile *p) {
  return p->primaries == NOVITA_H273_UNSPECIFIED &&
         p->transfer == NOVITA_H273_UNSPECIFIED;
}


/* what the decoder found: an ICC profile, or else H.273's code points */
static int from_decoder (struct novita_decoder *d, struct novita_profile *p,
                         struct novita_error *e) {
  struct novita_decoder_profile found = {NULL, 0, 0, 0};
  int r = d->type->profile(d, &found, e);
  memset(p, 0, sizeof *p);
  p->icc = found.icc;
  p->len = found.len;
  if (p->icc != NULL)
    p->kind = p->len > 0 && p->len <= NOVITA_PROFILE_MAX_BYTES
              ? NOVITA_PROFILE_ICC : NOVITA_PROFILE_BROKEN;
  else if (found.primaries == 0 || is_unspecified(&found))
    p->kind = NOVITA_PROFILE_NONE;
  else if (!novita_h273_read(p, found.primaries, found.transfer))
    p->kind = NOVITA_PROFILE_BROKEN;
  return r;
}


static int find_profile (struct novita_decoder *d, struct novita_profile *p,
                         struct novita_error *e) {
  int r;
  if (d->type->profile == NULL)
    return novita_profile_find(p, d->info.format, d->file->data, d->file->len,
                               e);
  r = from_decoder(d, p, e);
  if (r != 0 || p->kind != NOVITA_PROFILE_ICC) novita_profile_free(p);
  return r;
}


int novita_decoder_colour (struct novita_decoder *d, struct novita_colour *c,
                           struct novita_error *e) {
  struct novita_profile profile;
  int r;
  if (find_profile(d, &profile, e) != 0) return -1;
  r = novita_colour_open(c, &profile, colour_channels(&d->info),
                         d->info.bits > 8, e);
  novita_profile_free(&profile);
  if (r == 0 && d->info.cmyk && novita_colour_converts(c))
    novita_decoder_keep_cmyk(d);
  if (r == 0 && d->info.bits > 8 && novita_colour_converts(c))
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
