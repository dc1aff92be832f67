/*
** decoder.c: see decoder.h
*/
#include <assert.h>
#include <string.h>

#include "../../base/clock.h"
#include "decoder.h"
#include "exif.h"
#include "pixels.h"


static int check_installed (const struct novita_decoder *d,
                            struct novita_error *e) {
  const char *missing = NULL;
  if (d->type->missing != NULL) missing = d->type->missing(d->info.format);
  if (missing == NULL) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                          "is %s: install %s to use it, or export it as JPEG, "
                          "PNG or WebP", novita_format_title(d->info.format),
                          missing);
}


int novita_decoder_open (struct novita_decoder *d, enum novita_format format,
                         const struct novita_decoder_type *type,
                         struct novita_source_reader *file,
                         const struct novita_limits *limits, bool lenient,
                         struct novita_error *e) {
  memset(d, 0, sizeof *d);
  d->file = file;
  d->limits = *limits;
  d->lenient = lenient;
  d->deadline = novita_clock_now() + limits->seconds;
  d->divisor = 1;
  d->info.orientation = NOVITA_EXIF_UPRIGHT;
  d->info.format = format;
  d->type = type;
  if (check_installed(d, e) != 0) return -1;
  if (d->type->whole && novita_source_read_all(file, e) != 0) return -1;
  if (d->type->open(d, e) == 0) return 0;
  novita_decoder_close(d);
  return -1;
}


int novita_decoder_row (struct novita_decoder *d, uint8_t *row,
                        struct novita_error *e) {
  int r = novita_decoder_check_time(d, e);
  if (r == 0) r = d->type->row(d, row, e);
  d->next++;
  return r;
}


int novita_decoder_shrink (struct novita_decoder *d, int divisor,
                           struct novita_error *e) {
  if (d->type->shrink == NULL || divisor == 1) return 0;
  return d->type->shrink(d, divisor, e);
}


int novita_decoder_planes (struct novita_decoder *d,
                           struct novita_plane_layout *layout,
                           struct novita_error *e) {
  int i;
  memset(layout, 0, sizeof *layout);
  if (novita_decoder_reserve(d, 0, e) != 0) return -1;
  if (d->type->planes(d, layout, e) != 0) return -1;
  for (i = 0; i < layout->count; i++) {
    d->window[i].right = layout->plane[i].width;
    d->window[i].bottom = layout->plane[i].height;
  }
  return 0;
}


int novita_decoder_row_block (struct novita_decoder *d,
                              struct novita_plane_row_block *row_block,
                              struct novita_error *e) {
  if (novita_decoder_check_time(d, e) != 0) return -1;
  return d->type->row_block(d, row_block, e);
}


int novita_decoder_finish (struct novita_decoder *d, struct novita_error *e) {
  return d->type->finish(d, e);
}


void novita_decoder_close (struct novita_decoder *d) {
  if (d->state != NULL) d->type->close(d);
  d->state = NULL;
  novita_quota_give_back(d->limits.share);
}


void novita_decoder_keep_cmyk (struct novita_decoder *d) {
  assert(d->info.cmyk && d->next == 0);
  d->info.channels = 4;
}


void novita_decoder_keep_wide (struct novita_decoder *d) {
  assert(d->info.bits > 8 && d->next == 0);
  d->info.wide = true;
  d->needs += d->needs_wide;
}


int novita_decoder_sample_size (const struct novita_decoder *d) {
  return d->info.wide ? 2 : 1;
}


int novita_decoder_check_time (const struct novita_decoder *d,
                               struct novita_error *e) {
  if (novita_clock_now() <= d->deadline) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_slow",
                          "took more than %g seconds: export it again, or "
                          "raise limits.seconds", d->limits.seconds);
}


int novita_decoder_check_memory (const struct novita_decoder *d, uint64_t bytes,
                                 struct novita_error *e) {
  if (bytes <= d->limits.memory) return 0;
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                          "needs %.0f MB of memory, more than the limit of "
                          "%.0f MB: make it smaller, or raise limits.memory",
                          (double)bytes / 1e6,
                          (double)d->limits.memory / 1e6);
}


int novita_decoder_reserve (struct novita_decoder *d, uint64_t more,
                            struct novita_error *e) {
  double began = novita_clock_now();
  uint64_t bytes = d->needs + more;
  if (novita_decoder_check_memory(d, d->needs, e) != 0) return -1;
  if (bytes > 0 && novita_quota_take(d->limits.share, bytes) != 0)
    return novita_error_set(e, NOVITA_ERROR_CANCELED, "canceled",
                            "was canceled before it was decoded");
  d->deadline += novita_clock_now() - began;
  return 0;
}


int novita_decoder_set_size (struct novita_decoder *d, uint32_t width,
                             uint32_t height, struct novita_error *e) {
  uint64_t area = (uint64_t)width * height;
  if (area == 0)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "corrupt",
                            "says it is %u x %u: export it again", width,
                            height);
  if (area > d->limits.pixels || width > INT32_MAX / 8 ||
      height > INT32_MAX / 8)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                            "has %u x %u pixels, more than the limit of %llu: "
                            "make it smaller or raise the limit", width, height,
                            (unsigned long long)d->limits.pixels);
  d->info.width = d->width = (int)width;
  d->info.height = d->height = (int)height;
  return 0;
}


int novita_decoder_fail_truncated (struct novita_decoder *d,
                                   struct novita_error *e) {
  d->truncated = true;
  if (d->info.height == 0)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "truncated",
                            "is cut off in its header: copy the file again");
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "truncated",
                          "is cut off (row %d of %d): copy the file again",
                          (int)((int64_t)d->next * d->info.height / d->height),
                          d->info.height);
}


void novita_decoder_fill_missing (struct novita_decoder *d, uint8_t *row) {
  int c = d->info.channels;
  memset(row, novita_pixels_has_alpha(c) ? 0 : 128,
         (size_t)d->info.width * (size_t)(c * novita_decoder_sample_size(d)));
}
