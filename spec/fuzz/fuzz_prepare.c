/*
** fuzz_prepare.c: the whole way of a photo. The first four bytes choose the
** options, the rest is the file.
*/
#include "image.h"

#define OPTIONS 4


static void choose (struct novita_prepare_options *wish, const uint8_t *o) {
  novita_prepare_options_defaults(wish);
  fuzz_limits(&wish->limits);
  wish->width = o[0] % 100;
  wish->height = o[1] % 100;
  wish->fit = (enum novita_fit)(o[2] % 4);
  wish->format = (enum novita_format)(o[2] / 4 % 3);
  wish->filter = (enum novita_filter)(o[2] / 16 % 5);
  wish->lenient = o[3] & 1;
  wish->chroma = o[3] & 2 ? 420 : 444;
  wish->planes = (o[3] & 4) == 0;
  wish->pass_through = (o[3] & 8) == 0;
  wish->has_crop = (o[3] & 16) != 0;
  wish->effort = 0;
  wish->crop.x = o[0] / 64.0;
  wish->crop.y = o[1] / 64.0;
  wish->crop.width = 1 + o[2] / 8.0;
  wish->crop.height = 1 + o[3] / 8.0;
}


static void check (const struct novita_prepare_result *made) {
  assert(made->bytes.len > 0 && made->width > 0 && made->height > 0);
  assert(made->scale > 0 && made->measures.sharpness >= 0);
  assert(made->measures.brightness >= 0 && made->measures.brightness <= 1);
  assert(made->measures.dark + made->measures.bright <= 1.000001);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_prepare_options wish;
  struct novita_prepare_result made;
  struct novita_probe_result probed;
  struct novita_source source;
  struct novita_error e;
  if (size < OPTIONS) return 0;
  choose(&wish, data);
  memset(&source, 0, sizeof source);
  memset(&e, 0, sizeof e);
  source.bytes = data + OPTIONS;
  source.len = size - OPTIONS;
  if (novita_image_prepare(&source, &wish, NULL, &made, &e) != 0)
    fuzz_check_error(&e);
  else {
    check(&made);
    assert(novita_image_probe(&source, &wish.limits, wish.lenient, &probed,
                              &e) == 0);
    novita_prepare_result_free(&made);
  }
  return 0;
}
