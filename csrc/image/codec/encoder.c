/*
** encoder.c: see encoder.h
*/
#include <stdlib.h>
#include <string.h>

#include "encoder.h"
#include "planes.h"

#define WEBP_EFFORT 2
/* From this quality on, method 1 takes less time for files that are not larger.
** Below it, they are: 15 % at 80. */
#define WEBP_LOW_EFFORT_QUALITY 95


int novita_encoder_effort (const struct novita_encoder_options *options) {
  if (options->format == NOVITA_FORMAT_PNG) return NOVITA_PNG_OWN_EFFORT;
  if (!options->lossless && options->quality >= WEBP_LOW_EFFORT_QUALITY)
    return 1;
  return WEBP_EFFORT;
}


void novita_encoder_defaults (struct novita_encoder_options *options,
                              enum novita_format format) {
  options->format = format;
  options->quality = 95;
  options->chroma = 444;
  options->lossless = 0;
  options->optimize = 0;
  options->planes = 0;
  options->discard = 0;
  options->effort = novita_encoder_effort(options);
}


int novita_encoder_channels (enum novita_format format, int channels) {
  switch (format) {
    case NOVITA_FORMAT_JPEG: return channels <= 2 ? 1 : 3;
    case NOVITA_FORMAT_WEBP: return novita_pixels_has_alpha(channels) ? 4 : 3;
    default: return channels;
  }
}


int novita_encoder_chroma (const struct novita_encoder_options *options) {
  switch (options->format) {
    case NOVITA_FORMAT_JPEG: return options->chroma;
    case NOVITA_FORMAT_WEBP: return options->lossless ? 444 : 420;
    default: return 444;
  }
}


int novita_encoder_open (struct novita_encoder *c,
                         const struct novita_encoder_type *type,
                         const struct novita_encoder_options *options,
                         int width, int height, int channels,
                         struct novita_buffer *out, struct novita_error *e) {
  memset(c, 0, sizeof *c);
  c->type = type;
  c->options = *options;
  c->width = width;
  c->height = height;
  c->channels = channels;
  c->out = out;
  if (options->discard || c->type->open(c, e) == 0) return 0;
  novita_encoder_close(c);
  return -1;
}


int novita_encoder_row (struct novita_encoder *c, const uint8_t *row,
                        struct novita_error *e) {
  int r = c->options.discard ? 0 : c->type->row(c, row, e);
  c->next++;
  return r;
}


static int rows_of_planes (struct novita_encoder *c,
                           const struct novita_planes *p, uint8_t *row,
                           struct novita_error *e) {
  int y;
  for (y = 0; y < p->height; y++) {
    const uint8_t *out = row;
    if (p->count == 1) out = novita_pixels_row(&p->plane[0].pixels, y);
    else novita_planes_rgb(p, y, row);
    if (novita_encoder_row(c, out, e) != 0) return -1;
  }
  return 0;
}


int novita_encoder_planes (struct novita_encoder *c,
                           const struct novita_planes *p,
                           struct novita_error *e) {
  uint8_t *row;
  int r;
  if (c->options.discard) return 0;
  if (c->type->planes != NULL && !c->options.lossless)
    return c->type->planes(c, p, e);
  row = malloc((size_t)c->width * NOVITA_PLANES);
  if (row == NULL) return novita_error_set_memory(e);
  r = rows_of_planes(c, p, row, e);
  free(row);
  return r;
}


/* Discarded bytes leave an empty buffer that is not NULL. */
static int finish_empty (struct novita_encoder *c, struct novita_error *e) {
  enum novita_buffer_result r = novita_buffer_append(c->out, "", 0);
  return r == NOVITA_BUFFER_OK ? 0 : novita_encoder_fail_append(c, r, e);
}


int novita_encoder_finish (struct novita_encoder *c, struct novita_error *e) {
  return c->options.discard ? finish_empty(c, e) : c->type->finish(c, e);
}


void novita_encoder_close (struct novita_encoder *c) {
  if (c->state != NULL) c->type->close(c);
  c->state = NULL;
}


int novita_encoder_fail_append (const struct novita_encoder *c,
                                enum novita_buffer_result why,
                                struct novita_error *e) {
  if (why == NOVITA_BUFFER_NO_MEMORY) return novita_error_set_memory(e);
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "would become a file of more than %zu bytes: "
                          "ask for a smaller size or quality", c->out->limit);
}
