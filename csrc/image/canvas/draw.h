/*
** draw.h: draws on an image: rectangles, other images, text. Whatever is
** outside the image is clipped. Coordinates count from the top left and may be
** negative. Colours are RGB, whatever the image's channels; they are opaque.
*/
#ifndef novita_image_canvas_draw_h
#define novita_image_canvas_draw_h

#include "../codec/pixels.h"

NOVITA_FUNC void novita_draw_fill (const struct novita_pixels *p, int x, int y,
                                   int width, int height, const uint8_t rgb[3]);

/* draws 'from' on 'p' with its top left at (x, y), respecting its alpha */
NOVITA_FUNC int novita_draw_paste (const struct novita_pixels *p,
                                   const struct novita_pixels *from, int x,
                                   int y, struct novita_error *e);

/* One line of printable ASCII in the font of font.h; other characters are drawn
** as '?'. A character is 6 x 8 pixels times 'scale'. */
NOVITA_FUNC void novita_draw_text (const struct novita_pixels *p, int x, int y,
                                   const char *text, size_t len, int scale,
                                   const uint8_t rgb[3]);

#endif
