/*
** formats.c: see formats.h
*/
#include <string.h>

#include "formats.h"

static const struct novita_decoder_type *const decoders[] = {
  [NOVITA_FORMAT_JPEG] = &novita_jpeg_decode_type,
  [NOVITA_FORMAT_PNG] = &novita_png_decode_type,
  [NOVITA_FORMAT_WEBP] = &novita_webp_decode_type,
  [NOVITA_FORMAT_HEIC] = &novita_heif_decode_type,
  [NOVITA_FORMAT_AVIF] = &novita_heif_decode_type
};

static const struct novita_encoder_type *const encoders[] = {
  [NOVITA_FORMAT_JPEG] = &novita_jpeg_encode_type,
  [NOVITA_FORMAT_PNG] = &novita_png_encode_type,
  [NOVITA_FORMAT_WEBP] = &novita_webp_encode_type
};


const char *novita_formats_missing (enum novita_format format) {
  const struct novita_decoder_type *type = decoders[format];
  return type->missing == NULL ? NULL : type->missing(format);
}


int novita_formats_open_decoder (struct novita_decoder *d,
                                 struct novita_source_reader *file,
                                 const struct novita_limits *limits,
                                 bool lenient, struct novita_error *e) {
  int format = novita_format_sniff(file->data, file->len, e);
  memset(d, 0, sizeof *d);  /* it may be closed after a failure */
  if (format < 0) return -1;
  return novita_decoder_open(d, (enum novita_format)format, decoders[format],
                             file, limits, lenient, e);
}


int novita_formats_check_size (enum novita_format format, int width, int height,
                               struct novita_error *e) {
  int max_side = encoders[format]->max_side;
  if (width <= max_side && height <= max_side) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "would become %d x %d, and %s holds at most %d "
                          "pixels a side: ask for a smaller size", width,
                          height, novita_format_name(format), max_side);
}


static const struct novita_encoder_type *encoder_of (
  const struct novita_encoder_options *options) {
  if (options->format == NOVITA_FORMAT_PNG &&
      options->effort == NOVITA_PNG_OWN_EFFORT)
    return &novita_png_fast_type;
  return encoders[options->format];
}


int novita_formats_open_encoder (struct novita_encoder *c,
                                 const struct novita_encoder_options *options,
                                 int width, int height, int channels,
                                 struct novita_buffer *out,
                                 struct novita_error *e) {
  memset(c, 0, sizeof *c);  /* it may be closed after a failure */
  if (novita_formats_check_size(options->format, width, height, e) != 0)
    return -1;
  return novita_encoder_open(c, encoder_of(options), options, width, height,
                             channels, out, e);
}


bool novita_formats_take_row_blocks (
  const struct novita_encoder_options *options) {
  const struct novita_encoder_type *type = encoder_of(options);
  return type->planes == NULL || type->row_blocks || options->lossless;
}
