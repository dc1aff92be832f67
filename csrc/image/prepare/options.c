/*
** options.c: see options.h
*/
#include <string.h>

#include "options.h"


void novita_prepare_defaults (struct novita_prepare *wish) {
  memset(wish, 0, sizeof *wish);
  wish->fit = NOVITA_COVER;
  wish->filter = NOVITA_LANCZOS3;
  wish->format = NOVITA_JPEG;
  wish->quality = 95;
  wish->chroma = 444;
  wish->effort = -1;
  wish->planes = 1;
  wish->pass_through = 1;
  memset(wish->background, 255, sizeof wish->background);
  novita_limits_defaults(&wish->limits);
}


void novita_prepare_encoding (const struct novita_prepare *wish,
                              struct novita_encoding *how) {
  novita_encoding_defaults(how, wish->format);
  how->quality = wish->quality;
  how->chroma = wish->chroma;
  how->lossless = wish->lossless;
  how->optimise = wish->optimise;
  if (wish->effort >= 0) how->effort = wish->effort;
}
