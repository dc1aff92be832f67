/*
** rows.h: the rows of an image that libheif has decoded into planes: red,
** green, blue and perhaps alpha, each with its own depth.
*/
#ifndef novita_image_heif_rows_h
#define novita_image_heif_rows_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

struct novita_heif_rows {
  int width, channels;       /* 3, or 4 with alpha */
  bool premultiplied;        /* colours are multiplied by alpha */
  struct {
    const uint8_t *data;     /* samples of more than 8 bits are uint16_t */
    size_t stride;           /* in bytes */
    int bits;                /* 8 to 16 */
  } plane[4];
};

/* the row as straight samples of 8 bits */
NOVITA_FUNC void novita_heif_rows_get (const struct novita_heif_rows *r, int y,
                                       uint8_t *out);
/* the same with 16 bits, from 0 to 65535 */
NOVITA_FUNC void novita_heif_rows_get_wide (const struct novita_heif_rows *r,
                                            int y, uint16_t *out);

#endif
