/*
** chooser.c: see chooser.h
*/
#include "chooser.h"
#include "reduce.h"


int novita_chooser_look (const struct novita_look *look, int side,
                         struct novita_pixels *out, struct novita_error *e) {
  return novita_resized_reduce(out, look->resized, side, look->cache, e);
}
