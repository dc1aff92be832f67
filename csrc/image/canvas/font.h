/*
** font.h: a small bitmap font for printable ASCII, drawn for this library.
** A glyph is eight rows of five bits, the leftmost pixel in the highest; the
** last row is for descenders.
*/
#ifndef novita_image_canvas_font_h
#define novita_image_canvas_font_h

#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_FONT_GLYPH_COLUMNS 5
#define NOVITA_FONT_GLYPH_ROWS 8
#define NOVITA_FONT_ADVANCE 6  /* from one character to the next */

/* never NULL: '?' for what is not printable ASCII */
NOVITA_FUNC const uint8_t *novita_font_glyph (unsigned char c);

#endif
