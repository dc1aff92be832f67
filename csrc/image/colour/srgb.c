/*
** srgb.c: see srgb.h. A profile is sRGB if it consists of primaries and curves
** alone, the primaries are those of sRGB adapted to D50, and each curve stays
** within half a code of the sRGB curve.
*/
#include <math.h>

#include "srgb_curve.h"
#include "srgb.h"

#define POINTS 64          /* points at which curves are compared */
#define PRIMARY 0.003      /* XYZ: profiles round differently */
#define CURVE (0.5 / 255)  /* of an encoded sample */


static bool curve_matches (const cmsToneCurve *curve) {
  int i;
  if (curve == NULL) return false;
  for (i = 0; i <= POINTS; i++) {
    double x = (double)i / POINTS;
    double linear = cmsEvalToneCurveFloat(curve, (cmsFloat32Number)x);
    if (!(fabs(novita_srgb_curve_encode(linear) - x) <= CURVE)) return false;
  }
  return true;
}


static bool primary_matches (const cmsCIEXYZ *c, const double xyz[3]) {
  return c != NULL && fabs(c->X - xyz[0]) <= PRIMARY &&
         fabs(c->Y - xyz[1]) <= PRIMARY && fabs(c->Z - xyz[2]) <= PRIMARY;
}


bool novita_colour_srgb_matches (cmsHPROFILE profile) {
  static const cmsTagSignature primaries[3] = {
    cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag
  };
  static const cmsTagSignature curves[3] = {
    cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag
  };
  static const double xyz[3][3] = {  /* adapted to D50 */
    {0.4361, 0.2225, 0.0139}, {0.3851, 0.7169, 0.0971}, {0.1431, 0.0606, 0.7141}
  };
  int i;
  if (cmsGetColorSpace(profile) != cmsSigRgbData ||
      cmsGetPCS(profile) != cmsSigXYZData || !cmsIsMatrixShaper(profile) ||
      cmsIsTag(profile, cmsSigAToB0Tag)) return false;
  for (i = 0; i < 3; i++)
    if (!primary_matches(cmsReadTag(profile, primaries[i]), xyz[i]) ||
        !curve_matches(cmsReadTag(profile, curves[i]))) return false;
  return true;
}
