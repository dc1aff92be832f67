/*
** draw.c: see draw.h
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/alpha.h"
#include "draw.h"
#include "font.h"

static const uint8_t black[3] = {0, 0, 0};


/* clips [*at, *at + *n) to [0, size); returns how much is cut at the front */
static int clip (int64_t *at, int64_t *n, int size) {
  int cut = 0;
  if (*at < 0) {
    cut = *at < -INT32_MAX ? INT32_MAX : (int)-*at;
    *n += *at;
    *at = 0;
  }
  if (*n > size - *at) *n = size - *at;
  return cut;
}


void novita_draw_fill (const struct novita_pixels *p, int x, int y, int width,
                       int height, const uint8_t rgb[3]) {
  int64_t left = x, columns = width, top = y, rows = height, i, k;
  uint8_t colour[4];
  size_t channels = (size_t)p->channels;
  clip(&left, &columns, p->width);
  clip(&top, &rows, p->height);
  novita_alpha_convert_row(colour, p->channels, rgb, 3, 1, black);
  for (i = 0; i < rows; i++) {
    uint8_t *to = novita_pixels_row(p, (int)(top + i));
    to += (size_t)left * channels;
    for (k = 0; k < columns; k++, to += channels) memcpy(to, colour, channels);
  }
}


/* straight alpha over straight alpha, both RGBA */
static void over (uint8_t *to, const uint8_t *from, int n) {
  for (; n > 0; n--, to += 4, from += 4) {
    unsigned a = from[3], below = to[3] * (255 - a);
    unsigned whole = a * 255 + below;  /* 255 times the resulting alpha */
    int ch;
    if (whole == 0) continue;
    for (ch = 0; ch < 3; ch++)
      to[ch] = (uint8_t)((from[ch] * a * 255 + to[ch] * below + whole / 2) /
                         whole);
    to[3] = (uint8_t)((whole + 127) / 255);
  }
}


static void paste_row (uint8_t *to, int to_channels, const uint8_t *from,
                       int from_channels, int n, uint8_t *work) {
  uint8_t *above = work, *below = work + (size_t)n * 4;
  if (!novita_pixels_has_alpha(from_channels)) {
    novita_alpha_convert_row(to, to_channels, from, from_channels, n, black);
    return;
  }
  novita_alpha_convert_row(above, 4, from, from_channels, n, black);
  novita_alpha_convert_row(below, 4, to, to_channels, n, black);
  over(below, above, n);
  novita_alpha_convert_row(to, to_channels, below, 4, n, black);
}


int novita_draw_paste (const struct novita_pixels *p,
                       const struct novita_pixels *from, int x, int y,
                       struct novita_error *e) {
  int64_t left = x, columns = from->width, top = y, rows = from->height, i;
  int skip = clip(&left, &columns, p->width);
  int above = clip(&top, &rows, p->height);
  uint8_t *work;
  if (columns <= 0 || rows <= 0) return 0;
  work = malloc((size_t)columns * 8);
  if (work == NULL) return novita_error_set_memory(e);
  for (i = 0; i < rows; i++)
    paste_row(novita_pixels_row(p, (int)(top + i)) +
              (size_t)left * (size_t)p->channels, p->channels,
              novita_pixels_row(from, above + (int)i) +
              (size_t)skip * (size_t)from->channels, from->channels,
              (int)columns, work);
  free(work);
  return 0;
}


static void draw_glyph (const struct novita_pixels *p, int64_t x, int64_t y,
                        const uint8_t *glyph, int scale, const uint8_t rgb[3]) {
  int row, column;
  for (row = 0; row < NOVITA_FONT_GLYPH_ROWS; row++)
    for (column = 0; column < NOVITA_FONT_GLYPH_COLUMNS; column++)
      if (glyph[row] >> (NOVITA_FONT_GLYPH_COLUMNS - 1 - column) & 1)
        novita_draw_fill(p, (int)x + column * scale, (int)y + row * scale,
                         scale, scale, rgb);
}


void novita_draw_text (const struct novita_pixels *p, int x, int y,
                       const char *text, size_t len, int scale,
                       const uint8_t rgb[3]) {
  size_t i;
  int64_t at = x, advance = (int64_t)NOVITA_FONT_ADVANCE * scale;
  for (i = 0; i < len && at < p->width; i++, at += advance)
    if (at + advance > 0)
      draw_glyph(p, at, y, novita_font_glyph((unsigned char)text[i]), scale,
                 rgb);
}
