/*
** fuzz_prepare.c: prepares a photo. The first four bytes choose the options,
** among them a chooser, the rest is the file.
*/
#include "image.h"

#define OPTIONS 4


/* the largest part at the bottom right, or a half of it */
static int choose_part (struct novita_chooser *c,
                        const struct novita_look *look, double aspect,
                        struct novita_box *part, struct novita_error *e) {
  double width = look->width, height = look->height, share;
  struct novita_pixels image;
  uint8_t first;
  if (novita_chooser_look(look, c->side, &image, e) != 0) return -1;
  assert(image.width == c->side || image.height == c->side);
  assert(image.channels == 3 && aspect > 0);
  first = image.data[0];
  share = first & 1 ? 1 : 0.5;
  novita_pixels_close(&image);
  if (first % 5 == 0) return 0;
  part->height = share * (height < width / aspect ? height : width / aspect);
  part->width = part->height * aspect;
  if (part->width > width) part->width = width;
  part->x = width - part->width;
  part->y = height - part->height;
  return 1;
}


static struct novita_chooser chooser = {16, choose_part};


static void choose (struct novita_prepare_options *options, const uint8_t *o) {
  novita_prepare_options_defaults(options);
  fuzz_limits(&options->limits);
  options->width = o[0] % 100;
  options->height = o[1] % 100;
  options->fit = (enum novita_fit)(o[2] % 4);
  options->format = (enum novita_format)(o[2] / 4 % 3);
  options->filter = (enum novita_filter)(o[2] / 16 % 5);
  options->lenient = o[3] & 1;
  options->chroma = o[3] & 2 ? 420 : 444;
  options->planes = (o[3] & 4) == 0;
  options->pass_through = (o[3] & 8) == 0;
  options->has_crop = (o[3] & 16) != 0;
  options->crop_top = (o[3] & 32) != 0;
  if (o[3] & 64) options->chooser = &chooser;
  options->effort = 0;
  options->crop.x = o[0] / 64.0;
  options->crop.y = o[1] / 64.0;
  options->crop.width = 1 + o[2] / 8.0;
  options->crop.height = 1 + o[3] / 8.0;
}


static void check (const struct novita_prepare_result *made) {
  assert(made->bytes.len > 0 && made->width > 0 && made->height > 0);
  assert(made->scale > 0 && made->measures.sharpness >= 0);
  assert(made->measures.brightness >= 0 && made->measures.brightness <= 1);
  assert(made->measures.dark + made->measures.bright <= 1.000001);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_prepare_options options;
  struct novita_prepare_result made;
  struct novita_probe_result probed;
  struct novita_source source;
  struct novita_error e;
  if (size < OPTIONS) return 0;
  choose(&options, data);
  memset(&source, 0, sizeof source);
  memset(&e, 0, sizeof e);
  source.bytes = data + OPTIONS;
  source.len = size - OPTIONS;
  if (novita_image_prepare(&source, &options, NULL, &made, &e) != 0)
    fuzz_check_error(&e);
  else {
    check(&made);
    assert(novita_image_probe(&source, &options.limits, options.lenient,
                              &probed, &e) == 0);
    novita_prepare_result_free(&made);
  }
  return 0;
}
