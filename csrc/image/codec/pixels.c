/*
** pixels.c: see pixels.h
*/
#include <stdlib.h>

#include "pixels.h"


int novita_pixels_open (struct novita_pixels *p, int width, int height,
                        int channels, uint64_t limit,
                        struct novita_error *e) {
  uint64_t area = (uint64_t)width * (uint64_t)height;
  p->width = width;
  p->height = height;
  p->channels = channels;
  p->data = NULL;
  if (area > limit)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                            "would become %d x %d, more than %llu pixels: "
                            "ask for a smaller size", width, height,
                            (unsigned long long)limit);
  p->data = calloc((size_t)area, (size_t)channels);
  return p->data == NULL ? novita_error_set_memory(e) : 0;
}


void novita_pixels_close (struct novita_pixels *p) {
  free(p->data);
  p->data = NULL;
  p->width = p->height = 0;
}


size_t novita_pixels_stride (const struct novita_pixels *p) {
  return (size_t)p->width * (size_t)p->channels;
}


uint8_t *novita_pixels_row (const struct novita_pixels *p, int y) {
  return p->data + (size_t)y * novita_pixels_stride(p);
}


bool novita_pixels_has_alpha (int channels) {
  return channels == 2 || channels == 4;
}
