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

NOVITA_FUNC bool novita_colour_srgb_matches (cmsHPROFILE profile);

#endif
