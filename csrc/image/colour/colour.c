/*
** colour.c: see colour.h
*/
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "srgb_curve.h"
#include "colour.h"
#include "context.h"
#include "matrix.h"
#include "srgb.h"

#define CMYK 4
#define PIECE 256  /* pixels with alpha that are converted at a time */
#define WIDE_VALUES 65536

struct novita_lcms {
  struct novita_colour_memory memory;  /* of the context */
  cmsContext context;
  cmsHPROFILE from, to;
  cmsHTRANSFORM transform;
};

static void convert (const struct novita_colour *c, uint8_t *out,
                     const uint8_t *row, int n) {
  if (c->matrix != NULL) novita_colour_matrix_row(c->matrix, out, row, n);
  else cmsDoTransform(c->lcms->transform, row, out, (cmsUInt32Number)n);
}


static int open_context (struct novita_colour *c, struct novita_error *e) {
  struct novita_lcms *l = c->lcms = calloc(1, sizeof *l);
  if (l == NULL) return novita_error_set_memory(e);
  l->context = novita_colour_context(&l->memory);
  if (l->context == NULL) return novita_error_set_memory(e);
  l->to = cmsCreate_sRGBProfileTHR(l->context);
  return l->to == NULL ? novita_error_set_memory(e) : 0;
}


static void close_context (struct novita_colour *c) {
  struct novita_lcms *l = c->lcms;
  if (l == NULL) return;
  if (l->transform != NULL) cmsDeleteTransform(l->transform);
  if (l->from != NULL) cmsCloseProfile(l->from);
  if (l->to != NULL) cmsCloseProfile(l->to);
  if (l->context != NULL) cmsDeleteContext(l->context);
  free(l);
  c->lcms = NULL;
}


static void free_tables (struct novita_colour *c) {
  free(c->matrix);
  free(c->wide_matrix);
  free(c->wide_gray);
  c->matrix = NULL;
  c->wide_matrix = NULL;
  c->wide_gray = NULL;
}


/* {====== profiles from numbers ====== */
static cmsToneCurve *make_curve (cmsContext context, double gamma) {
  static const cmsFloat64Number srgb[] = NOVITA_SRGB_CURVE;
  if (gamma > 0) return cmsBuildGamma(context, gamma);
  return cmsBuildParametricToneCurve(context, NOVITA_SRGB_CURVE_TYPE, srgb);
}


static cmsCIExyY chromaticity (const double xy[2]) {
  cmsCIExyY c;
  c.x = xy[0];
  c.y = xy[1];
  c.Y = 1;
  return c;
}


/* does not divide by zero and is inside the chromaticity diagram */
static bool is_sane (const double xy[2]) {
  return xy[0] >= 0 && xy[1] > 1e-3 && xy[0] + xy[1] <= 1.0001;
}


static bool are_sane (const struct novita_profile *p) {
  return is_sane(p->white) && is_sane(p->primaries[0]) &&
         is_sane(p->primaries[1]) && is_sane(p->primaries[2]);
}


static cmsHPROFILE from_numbers (cmsContext context,
                                 const struct novita_profile *p,
                                 int channels) {
  cmsCIExyY white = chromaticity(p->white);
  cmsCIExyYTRIPLE rgb;
  cmsToneCurve *curves[3];
  cmsHPROFILE made;
  if (!are_sane(p)) return NULL;
  curves[0] = curves[1] = curves[2] = make_curve(context, p->gamma);
  if (curves[0] == NULL) return NULL;
  rgb.Red = chromaticity(p->primaries[0]);
  rgb.Green = chromaticity(p->primaries[1]);
  rgb.Blue = chromaticity(p->primaries[2]);
  made = channels == 1
    ? cmsCreateGrayProfileTHR(context, cmsD50_xyY(), curves[0])
    : cmsCreateRGBProfileTHR(context, &white, &rgb, curves);
  cmsFreeToneCurve(curves[0]);
  return made;
}
/* }====== */


static bool is_of_a_device (cmsHPROFILE profile) {
  cmsProfileClassSignature class = cmsGetDeviceClass(profile);
  return class == cmsSigInputClass || class == cmsSigDisplayClass ||
         class == cmsSigOutputClass || class == cmsSigColorSpaceClass;
}


/* lcms2's type of rows with 'channels' in the profile's space, or 0. A gray
** image with an RGB profile is converted as three equal samples. */
static cmsUInt32Number format_of (cmsHPROFILE profile, int channels,
                                  bool wide) {
  cmsColorSpaceSignature space = cmsGetColorSpace(profile);
  if (!is_of_a_device(profile)) return 0;
  if (space == cmsSigGrayData && channels == 1) return TYPE_GRAY_DBL;
  if (space == cmsSigRgbData && channels == 1) return TYPE_RGB_DBL;
  if (space == cmsSigRgbData && channels == 3)
    return wide ? TYPE_RGB_16 : TYPE_RGB_8;
  if (space == cmsSigCmykData && channels == CMYK) return TYPE_CMYK_8;
  return 0;
}


static void make_transform (struct novita_lcms *l, cmsUInt32Number format,
                            cmsUInt32Number out_format) {
  l->transform = cmsCreateTransformTHR(
    l->context, l->from, format, l->to, out_format, INTENT_PERCEPTUAL,
    cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION);
}


static uint8_t to_sample (double v) {
  return (uint8_t)(v > 0 ? (v < 1 ? v * 255 + 0.5 : 255) : 0);
}


static uint8_t convert_sample (const struct novita_colour *c, double v) {
  double in[3], out[3];
  in[0] = in[1] = in[2] = v;
  cmsDoTransform(c->lcms->transform, in, out, 1);
  return to_sample(out[1]);
}


/* A gray image needs only 256 or 65536 values of a profile, so they are
** computed exactly. */
static void make_tables (struct novita_colour *c) {
  bool same = true;
  int i;
  for (i = 0; i < 256; i++) {
    c->gray[i] = convert_sample(c, i / 255.0);
    if (abs(c->gray[i] - i) > 1) same = false;
  }
  if (same) c->state = NOVITA_COLOUR_SRGB;
  if (same || !c->wide) return;
  c->wide_gray = malloc(WIDE_VALUES);
  if (c->wide_gray == NULL) c->lcms->memory.refused = true;
  else
    for (i = 0; i < WIDE_VALUES; i++)
      c->wide_gray[i] = convert_sample(c, i / (WIDE_VALUES - 1.0));
}


/* the fast path, if the profile allows it */
static bool try_matrix (struct novita_colour *c) {
  cmsHPROFILE from = c->lcms->from;
  void *made;
  if (c->channels != 3) return false;
  if (c->wide) made = c->wide_matrix = malloc(sizeof *c->wide_matrix);
  else made = c->matrix = malloc(sizeof *c->matrix);
  if (made == NULL) {
    c->lcms->memory.refused = true;
    return false;
  }
  if (c->wide ? novita_colour_matrix_make_wide(c->wide_matrix, from)
              : novita_colour_matrix_make(c->matrix, from)) {
    c->state = NOVITA_COLOUR_CONVERTED;
    return true;
  }
  free_tables(c);
  return false;
}


static void decide (struct novita_colour *c, const struct novita_profile *p) {
  struct novita_lcms *l = c->lcms;
  cmsUInt32Number format;
  c->state = NOVITA_COLOUR_BROKEN;
  l->from = p->kind == NOVITA_PROFILE_ICC
    ? cmsOpenProfileFromMemTHR(l->context, p->icc, (cmsUInt32Number)p->len)
    : from_numbers(l->context, p, c->channels);
  if (l->from == NULL) return;
  format = format_of(l->from, c->channels, c->wide);
  if (format == 0) return;
  if (novita_colour_srgb_matches(l->from)) {
    c->state = NOVITA_COLOUR_SRGB;
    return;
  }
  if (try_matrix(c)) return;
  make_transform(l, format, c->channels == 1 ? TYPE_RGB_DBL : TYPE_RGB_8);
  if (l->transform == NULL) return;
  c->state = NOVITA_COLOUR_CONVERTED;
  if (c->channels == 1) make_tables(c);
}


int novita_colour_open (struct novita_colour *c,
                        const struct novita_profile *profile, int channels,
                        bool wide, struct novita_error *e) {
  memset(c, 0, sizeof *c);
  c->channels = channels;
  c->wide = wide;
  switch (profile->kind) {
    case NOVITA_PROFILE_NONE: return 0;
    case NOVITA_PROFILE_SRGB: c->state = NOVITA_COLOUR_SRGB; return 0;
    case NOVITA_PROFILE_BROKEN: c->state = NOVITA_COLOUR_BROKEN; return 0;
    default: break;
  }
  if (open_context(c, e) != 0) {
    close_context(c);
    return -1;
  }
  decide(c, profile);
  if (c->lcms->memory.refused) {  /* the profile may only seem broken */
    novita_colour_close(c);
    return novita_error_set_memory(e);
  }
  if (c->matrix != NULL || c->wide_matrix != NULL || channels == 1 ||
      !novita_colour_converts(c)) close_context(c);
  return 0;
}


void novita_colour_close (struct novita_colour *c) {
  close_context(c);
  free_tables(c);
}


bool novita_colour_converts (const struct novita_colour *c) {
  return c->state == NOVITA_COLOUR_CONVERTED;
}


static void convert_gray (const struct novita_colour *c, uint8_t *out,
                          const uint8_t *row, int n, int step) {
  int i;
  for (i = 0; i < n * step; i += step) out[i] = c->gray[row[i]];
}


void novita_colour_row (const struct novita_colour *c, uint8_t *out,
                        const uint8_t *row, int n) {
  if (c->channels == 1) convert_gray(c, out, row, n, 1);
  else convert(c, out, row, n);
}


static void convert_piece (const struct novita_colour *c, uint8_t *rgba,
                           int n) {
  uint8_t rgb[PIECE * 3];
  int i;
  for (i = 0; i < n; i++) memcpy(rgb + i * 3, rgba + i * 4, 3);
  convert(c, rgb, rgb, n);
  for (i = 0; i < n; i++) memcpy(rgba + i * 4, rgb + i * 3, 3);
}


void novita_colour_alpha_row (const struct novita_colour *c, uint8_t *row,
                              int n) {
  if (c->channels == 1) {
    convert_gray(c, row, row, n, 2);
    return;
  }
  for (; n > 0; n -= PIECE, row += PIECE * 4)
    convert_piece(c, row, n < PIECE ? n : PIECE);
}


/* {====== 16 bits ====== */
static void wide_colours (const struct novita_colour *c, uint8_t *out,
                          const uint16_t *row, int n) {
  int i;
  if (c->channels == 1)
    for (i = 0; i < n; i++) out[i] = c->wide_gray[row[i]];
  else if (c->wide_matrix != NULL)
    novita_colour_matrix_row_wide(c->wide_matrix, out, row, n);
  else
    cmsDoTransform(c->lcms->transform, row, out, (cmsUInt32Number)n);
}


static uint8_t to_8_bits (uint16_t v) {
  return (uint8_t)((v * 255u + 32767u) / 65535u);
}


/* pixels of 'k' colours and alpha, by way of the colours alone */
static void wide_piece (const struct novita_colour *c, uint8_t *out,
                        const uint16_t *row, int n, int k) {
  uint16_t colours[PIECE * 3] = {0};
  uint8_t converted[PIECE * 3];
  int i;
  for (i = 0; i < n; i++)
    memcpy(colours + i * k, row + i * (k + 1), (size_t)k * sizeof *row);
  wide_colours(c, converted, colours, n);
  for (i = 0; i < n; i++) {
    memcpy(out + i * (k + 1), converted + i * k, (size_t)k);
    out[i * (k + 1) + k] = to_8_bits(row[i * (k + 1) + k]);
  }
}


void novita_colour_wide_row (const struct novita_colour *c, uint8_t *out,
                             const uint16_t *row, int n, int channels) {
  if (channels == c->channels) {
    wide_colours(c, out, row, n);
    return;
  }
  for (; n > 0; n -= PIECE, row += PIECE * channels, out += PIECE * channels)
    wide_piece(c, out, row, n < PIECE ? n : PIECE, c->channels);
}
/* }====== */


const char *novita_colour_name (enum novita_colour_state state) {
  static const char *const names[] = {"none", "srgb", "converted", "broken"};
  return names[state];
}
