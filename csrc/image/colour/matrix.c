/*
** matrix.c: see matrix.h
*/
#include <math.h>
#include <string.h>

#include "srgb_curve.h"
#include "matrix.h"

#define ONE (1 << NOVITA_LINEAR_BITS)
#define SUM_BITS 26   /* fraction bits of the sums */
#define LARGEST 7.0   /* the maximum of an addend: three of them fit 31 bits */

/* XYZ under D50 to linear sRGB: the inverse of the primaries in srgb.c */
static const double from_xyz[3][3] = {
  {3.13385637, -1.61686674, -0.49061461},
  {-0.97876874, 1.91614151, 0.03345379},
  {0.07194513, -0.22899134, 1.40524254}
};


/* Code i begins at the linear value of i - 1/2: 255 powers for the whole table.
*/
static void fill_encoded (uint8_t *encoded) {
  int at = 0, i;
  for (i = 1; i <= 255; i++) {
    int from = (int)ceil(novita_srgb_curve_decode((i - 0.5) / 255) * ONE);
    memset(encoded + at, i - 1, (size_t)(from - at));
    at = from;
  }
  memset(encoded + at, 255, (size_t)(ONE + 1 - at));
}


static double weight (const cmsCIEXYZ *primary, int to) {
  return from_xyz[to][0] * primary->X + from_xyz[to][1] * primary->Y +
         from_xyz[to][2] * primary->Z;
}


/* primaries and curves of a profile */
struct shaper {
  const cmsCIEXYZ *primary[3];
  const cmsToneCurve *curve[3];
};


static bool read_shaper (struct shaper *s, cmsHPROFILE profile) {
  static const cmsTagSignature primaries[3] = {
    cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag
  };
  static const cmsTagSignature curves[3] = {
    cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag
  };
  int i;
  if (cmsGetColorSpace(profile) != cmsSigRgbData ||
      cmsGetPCS(profile) != cmsSigXYZData || !cmsIsMatrixShaper(profile) ||
      cmsIsTag(profile, cmsSigAToB0Tag)) return false;
  for (i = 0; i < 3; i++) {
    s->primary[i] = cmsReadTag(profile, primaries[i]);
    s->curve[i] = cmsReadTag(profile, curves[i]);
    if (s->primary[i] == NULL || s->curve[i] == NULL) return false;
  }
  return true;
}


static bool fill_channel (int32_t adds[256][4], const cmsCIEXYZ *primary,
                          const cmsToneCurve *curve) {
  int i, to;
  for (i = 0; i < 256; i++) {
    double linear = cmsEvalToneCurveFloat(curve, (cmsFloat32Number)i / 255);
    for (to = 0; to < 3; to++) {
      double v = linear * weight(primary, to);
      if (!(fabs(v) <= LARGEST)) return false;
      adds[i][to] = (int32_t)lround(v * (1 << SUM_BITS));
    }
    adds[i][3] = 0;
  }
  return true;
}


bool novita_colour_matrix_make (struct novita_colour_matrix *m,
                                cmsHPROFILE profile) {
  struct shaper s;
  int i;
  if (!read_shaper(&s, profile)) return false;
  for (i = 0; i < 3; i++)
    if (!fill_channel(m->adds[i], s.primary[i], s.curve[i])) return false;
  fill_encoded(m->encoded);
  return true;
}


static uint8_t encode (const struct novita_colour_matrix *m, int32_t sum) {
  const int extra = SUM_BITS - NOVITA_LINEAR_BITS;
  int32_t v = (sum + (1 << (extra - 1))) >> extra;
  return m->encoded[v < 0 ? 0 : v > ONE ? ONE : v];
}


void novita_colour_matrix_row (const struct novita_colour_matrix *m,
                               uint8_t *out, const uint8_t *row, int n) {
  for (; n > 0; n--, row += 3, out += 3) {
    const int32_t *r = m->adds[0][row[0]], *g = m->adds[1][row[1]],
                  *b = m->adds[2][row[2]];
    int32_t red = r[0] + g[0] + b[0], green = r[1] + g[1] + b[1],
            blue = r[2] + g[2] + b[2];
    out[0] = encode(m, red);
    out[1] = encode(m, green);
    out[2] = encode(m, blue);
  }
}


/* {====== 16 bits ====== */
static bool fill_wide_channel (struct novita_colour_matrix_wide *m, int from,
                               const struct shaper *s) {
  int i, to;
  for (to = 0; to < 3; to++) {
    double v = weight(s->primary[from], to);
    if (!(fabs(v) <= LARGEST)) return false;
    m->weights[to][from] = (float)v;
  }
  for (i = 0; i < 65536; i++) {
    float v = cmsEvalToneCurveFloat(s->curve[from],
                                    (cmsFloat32Number)i / 65535);
    if (!(fabsf(v) <= (float)LARGEST)) return false;
    m->linear[from][i] = v;
  }
  return true;
}


bool novita_colour_matrix_make_wide (struct novita_colour_matrix_wide *m,
                                     cmsHPROFILE profile) {
  struct shaper s;
  int i;
  if (!read_shaper(&s, profile)) return false;
  for (i = 0; i < 3; i++)
    if (!fill_wide_channel(m, i, &s)) return false;
  fill_encoded(m->encoded);
  return true;
}


void novita_colour_matrix_row_wide (const struct novita_colour_matrix_wide *m,
                                    uint8_t *out, const uint16_t *row, int n) {
  int to;
  for (; n > 0; n--, row += 3, out += 3) {
    float r = m->linear[0][row[0]], g = m->linear[1][row[1]],
          b = m->linear[2][row[2]];
    for (to = 0; to < 3; to++) {
      const float *w = m->weights[to];
      float v = (w[0] * r + w[1] * g + w[2] * b) * ONE + 0.5f;
      out[to] = m->encoded[v > 0 ? (v < ONE ? (int)v : ONE) : 0];
    }
  }
}
/* }====== */
