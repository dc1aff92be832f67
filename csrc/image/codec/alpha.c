/*
** alpha.c: see alpha.h
*/
#include <string.h>

#include "alpha.h"
#include "pixels.h"


/* v / 255, rounded, for 0 <= v <= 255 * 255 */
static uint8_t div255 (unsigned v) {
  v += 128;
  return (uint8_t)((v + (v >> 8)) >> 8);
}


static uint8_t composite (unsigned colour, unsigned alpha,
                          unsigned background) {
  return div255(colour * alpha + background * (255 - alpha));
}


static void spread (uint8_t *rgb, const uint8_t *gray, int n) {
  while (n-- > 0) memset(rgb + (size_t)n * 3, gray[n], 3);
}


static void flatten (uint8_t *rgb, const uint8_t *row, int n, int channels,
                     const uint8_t background[3]) {
  int ch, colours = channels - 1;
  for (; n > 0; n--, rgb += 3, row += channels) {
    unsigned a = row[colours];
    for (ch = 0; ch < 3; ch++)
      rgb[ch] = composite(row[colours == 3 ? ch : 0], a, background[ch]);
  }
}


void novita_alpha_flatten_row (uint8_t *rgb, const uint8_t *row, int n,
                               int channels, const uint8_t background[3]) {
  if (channels == 3) memmove(rgb, row, (size_t)n * 3);
  else if (channels == 1) spread(rgb, row, n);
  else flatten(rgb, row, n, channels, background);
}


static uint8_t luma (const uint8_t *rgb) {
  return (uint8_t)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u +
                    32768u) >> 16);
}


/* one pixel to straight RGBA */
static void lift (uint8_t rgba[4], const uint8_t *p, int channels) {
  int ch;
  for (ch = 0; ch < 3; ch++) rgba[ch] = p[channels >= 3 ? ch : 0];
  rgba[3] = novita_pixels_has_alpha(channels) ? p[channels - 1] : 255;
}


static void lower (uint8_t *p, int channels, const uint8_t rgba[4]) {
  if (channels >= 3) memcpy(p, rgba, channels == 4 ? 4 : 3);
  else {
    p[0] = luma(rgba);
    if (channels == 2) p[1] = rgba[3];
  }
}


static void convert_pixel (uint8_t *out, int to, const uint8_t *p, int from,
                           const uint8_t background[3]) {
  uint8_t rgba[4];
  int ch;
  lift(rgba, p, from);
  if (!novita_pixels_has_alpha(to))
    for (ch = 0; ch < 3; ch++)
      rgba[ch] = composite(rgba[ch], rgba[3], background[ch]);
  lower(out, to, rgba);
}


void novita_alpha_convert_row (uint8_t *out, int to, const uint8_t *row,
                               int from, int n, const uint8_t background[3]) {
  if (to == from) memmove(out, row, (size_t)n * (size_t)to);
  else if (to == 3) novita_alpha_flatten_row(out, row, n, from, background);
  else
    for (; n > 0; n--, out += to, row += from)
      convert_pixel(out, to, row, from, background);
}
