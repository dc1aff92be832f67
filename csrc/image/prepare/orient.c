/*
** orient.c: see orient.h. An orientation says on which sides the stored image's
** first row and first column are displayed:
**
**   1 top, left     2 top, right    3 bottom, right   4 bottom, left
**   5 left, top     6 right, top    7 right, bottom   8 left, bottom
**
** That is two mirrors and a swap of x and y.
*/
#include <string.h>

#include "../codec/exif.h"
#include "orient.h"


/* the stored image's columns run from the right (or the bottom) */
static bool columns_mirrored (int orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 ||
         orientation == 8;
}


/* the stored image's rows run from the bottom (or the right) */
static bool rows_mirrored (int orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 ||
         orientation == 7;
}


static void scatter (uint8_t *to, ptrdiff_t step, const uint8_t *row, int n,
                     int channels) {
  for (; n > 0; n--, to += step, row += channels) {
    int ch;
    for (ch = 0; ch < channels; ch++) to[ch] = row[ch];
  }
}


void novita_orient_row (const struct novita_pixels *display, int left,
                        int top, int orientation, int width, int height,
                        int y, const uint8_t *row) {
  bool turned = novita_exif_swaps_sides(orientation);
  int channels = display->channels;
  int across = columns_mirrored(orientation) ? width - 1 : 0;
  int down = rows_mirrored(orientation) ? height - 1 - y : y;
  ptrdiff_t step = turned ? (ptrdiff_t)novita_pixels_stride(display)
                          : channels;
  uint8_t *to = novita_pixels_row(display, top + (turned ? across : down)) +
                (ptrdiff_t)(left + (turned ? down : across)) * channels;
  if (across == 0 && !turned)
    memcpy(to, row, (size_t)width * (size_t)channels);
  else
    scatter(to, across == 0 ? step : -step, row, width, channels);
}


struct novita_box novita_orient_box (struct novita_box box, int orientation,
                                     int width, int height) {
  struct novita_box stored = box;
  if (novita_exif_swaps_sides(orientation)) {
    stored.x = box.y, stored.y = box.x;
    stored.width = box.height, stored.height = box.width;
  }
  if (columns_mirrored(orientation)) stored.x = width - stored.x - stored.width;
  if (rows_mirrored(orientation)) stored.y = height - stored.y - stored.height;
  return stored;
}
