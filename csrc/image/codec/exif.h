/*
** exif.h: the orientation, the only EXIF entry that affects how an image is
** processed.
*/
#ifndef novita_image_codec_exif_h
#define novita_image_codec_exif_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_EXIF_UPRIGHT 1  /* orientation of an image without EXIF */

/* The orientation, 1 to 8, of a TIFF block, which may start with "Exif\0\0".
** NOVITA_EXIF_UPRIGHT if it is missing or invalid. Reads only the header and
** the entries of the first directory. */
NOVITA_FUNC int novita_exif_orientation (const uint8_t *block, size_t len);

/* rotated by 90 or 270 degrees: width and height swap on display */
NOVITA_FUNC bool novita_exif_swaps_sides (int orientation);

#endif
