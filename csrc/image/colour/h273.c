/*
** h273.c: see h273.h
*/
#include <string.h>

#include "h273.h"

#define BT709 1  /* sRGB has its primaries */
#define D65 {0.3127, 0.3290}
#define COUNT(a) (sizeof (a) / sizeof *(a))

struct colours { int code; double white[2], primaries[3][2]; };

static const struct colours known[] = {
  {BT709, D65, {{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}}},
  {4, {0.310, 0.316}, {{0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}}},
  {5, D65, {{0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}}},
  {6, D65, {{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}}},   /* BT.601 */
  {7, D65, {{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}}},
  {9, D65, {{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}}},   /* BT.2020 */
  {11, {0.314, 0.351}, {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}}},
  {12, D65, {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}}},  /* P3 */
  {22, D65, {{0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}}}
};


static const struct colours *find (int code) {
  size_t i;
  if (code == NOVITA_H273_UNSPECIFIED) code = BT709;
  for (i = 0; i < COUNT(known); i++)
    if (known[i].code == code) return &known[i];
  return NULL;
}


/* The curves of video (BT.709, BT.601, BT.2020) count as sRGB's, as in other
** programs: they describe cameras, and screens show them like sRGB. */
static bool find_gamma (int transfer, double *gamma) {
  switch (transfer) {
    case 1: case NOVITA_H273_UNSPECIFIED: case 6: case 13: case 14: case 15:
      *gamma = 0;
      return true;
    case 4: *gamma = 2.2; return true;
    case 5: *gamma = 2.8; return true;
    case 8: *gamma = 1; return true;
    default: return false;
  }
}


bool novita_h273_read (struct novita_profile *p, int primaries, int transfer) {
  const struct colours *c = find(primaries);
  double gamma;
  if (c == NULL || !find_gamma(transfer, &gamma)) return false;
  p->kind = c->code == BT709 && gamma == 0 ? NOVITA_PROFILE_SRGB
                                           : NOVITA_PROFILE_NUMBERS;
  memcpy(p->white, c->white, sizeof p->white);
  memcpy(p->primaries, c->primaries, sizeof p->primaries);
  p->gamma = gamma;
  return true;
}
