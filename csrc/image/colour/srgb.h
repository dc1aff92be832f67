/*
** srgb.h: is this profile sRGB, whatever its name? There are dozens of sRGB
** profiles. Converting from one costs time and changes only a few samples by
** one, through rounding.
*/
#ifndef novita_image_colour_srgb_h
#define novita_image_colour_srgb_h

#include <stdbool.h>

#include <lcms2.h>

#include "../../base/func.h"

/* the coefficients of IEC 61966-2-1's curve, for lcms2's type 4 */
#define NOVITA_SRGB_CURVE {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}
#define NOVITA_SRGB_CURVE_TYPE 4

NOVITA_FUNC bool novita_colour_srgb_matches (cmsHPROFILE profile);

#endif
