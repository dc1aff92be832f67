/*
** decoder_colour.h: sets up the conversion of an open decoder's rows to sRGB.
*/
#ifndef novita_image_colour_decoder_colour_h
#define novita_image_colour_decoder_colour_h

#include "../codec/decoder.h"
#include "colour.h"

/* Call before the first row. If the image is CMYK with a usable profile, rows
** become CMYK (d->info.channels = 4), and novita_colour_row converts them to
** RGB. If it has more than 8 bits and a profile that must be converted, rows
** become wide (d->info.wide), and novita_colour_wide_row converts them to 8
** bits: linear light that is cut to 8 bits first has only a few shades in its
** shadows. */
NOVITA_FUNC int novita_decoder_colour (struct novita_decoder *d,
                                       struct novita_colour *c,
                                       struct novita_error *e);

/* Converts a decoded row to 8 bits of sRGB, in place, and returns its number of
** channels. The row must have room for 4 channels. */
NOVITA_FUNC int novita_decoder_colour_row (const struct novita_decoder *d,
                                           const struct novita_colour *c,
                                           uint8_t *row);

#endif
