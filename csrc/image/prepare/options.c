/*
** options.c: see options.h
*/
#include <string.h>

#include "options.h"


void novita_prepare_options_defaults (struct novita_prepare_options *options) {
  memset(options, 0, sizeof *options);
  options->fit = NOVITA_FIT_COVER;
  options->filter = NOVITA_FILTER_LANCZOS3;
  options->format = NOVITA_FORMAT_JPEG;
  options->quality = 95;
  options->chroma = 444;
  options->effort = -1;
  options->planes = 1;
  options->pass_through = 1;
  memset(options->background, 255, sizeof options->background);
  novita_limits_defaults(&options->limits);
}


void novita_prepare_options_encoder (
  const struct novita_prepare_options *options,
  struct novita_encoder_options *encoding) {
  novita_encoder_defaults(encoding, options->format);
  encoding->quality = options->quality;
  encoding->chroma = options->chroma;
  encoding->lossless = options->lossless;
  encoding->optimize = options->optimize;
  encoding->discard = options->discard;
  encoding->effort = options->effort >= 0 ? options->effort
                                          : novita_encoder_effort(encoding);
}
