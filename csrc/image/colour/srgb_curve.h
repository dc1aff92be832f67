/*
** srgb_curve.h: the curve of sRGB (IEC 61966-2-1), from 0 to 1 on both sides.
*/
#ifndef novita_image_colour_srgb_curve_h
#define novita_image_colour_srgb_curve_h

#include <math.h>

/* its coefficients as ICC profiles write them */
#define NOVITA_SRGB_CURVE {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}
#define NOVITA_SRGB_CURVE_TYPE 4  /* of lcms2 */


static inline double novita_srgb_curve_decode (double sample) {
  return sample <= 0.04045 ? sample / 12.92
                           : pow((sample + 0.055) / 1.055, 2.4);
}


static inline double novita_srgb_curve_encode (double linear) {
  return linear <= 0.0031308 ? linear * 12.92
                             : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

#endif
