/*
** decoder_colour.h: from an open decoder to what makes its rows sRGB.
*/
#ifndef novita_image_colour_decoder_colour_h
#define novita_image_colour_decoder_colour_h

#include "colour.h"
#include "../codec/decoder.h"

/* Before the first row. Where the picture is ink and its profile can be used,
** rows become ink (d->info.channels = 4): novita_colour_row makes them RGB. */
NOVITA_FUNC int novita_decoder_colour (struct novita_decoder *d,
                                       struct novita_colour *c,
                                       struct novita_error *e);

#endif
