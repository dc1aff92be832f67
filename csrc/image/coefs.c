/*
** coefs.c: see coefs.h
*/
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coefs.h"

#define PI 3.14159265358979323846
#define LARGEST 32766.0  /* weight, one less than fits: see 'quantise' */

struct shape {
  double support;              /* half width, in target samples */
  double (*weight) (double x);
};


static double sinc (double x) {
  if (x == 0.0) return 1.0;
  x *= PI;
  return sin(x) / x;
}


static double lanczos3 (double x) {
  return fabs(x) < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}


/* the family of Mitchell and Netravali */
static double cubic (double x, double b, double c) {
  x = fabs(x);
  if (x < 1.0)
    return ((12.0 - 9.0 * b - 6.0 * c) * x * x * x +
            (-18.0 + 12.0 * b + 6.0 * c) * x * x + (6.0 - 2.0 * b)) / 6.0;
  if (x < 2.0)
    return ((-b - 6.0 * c) * x * x * x + (6.0 * b + 30.0 * c) * x * x +
            (-12.0 * b - 48.0 * c) * x + (8.0 * b + 24.0 * c)) / 6.0;
  return 0.0;
}


static double catmull_rom (double x) {
  return cubic(x, 0.0, 0.5);
}


static double mitchell (double x) {
  return cubic(x, 1.0 / 3.0, 1.0 / 3.0);
}


static double box (double x) {
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}


static const struct shape shapes[] = {
  [NOVITA_LANCZOS3] = {3.0, lanczos3},
  [NOVITA_CATMULL_ROM] = {2.0, catmull_rom},
  [NOVITA_MITCHELL] = {2.0, mitchell},
  [NOVITA_AREA] = {0.5, NULL},
  [NOVITA_BOX] = {0.5, box}
};

/* one axis under way */
struct axis {
  const struct shape *shape;
  int size;           /* source samples */
  double start;       /* of the part */
  double step;        /* source samples a target sample */
  double stretch;     /* of the filter: step, but never under 1 */
  double reach;       /* half width in source samples */
};


static double overlap (const struct axis *a, double centre, int i) {
  double half = a->step * 0.5;
  double from = fmax(centre - half, (double)i);
  double to = fmin(centre + half, (double)i + 1.0);
  return to > from ? to - from : 0.0;
}


static double weigh (const struct axis *a, double centre, int i) {
  if (a->shape->weight == NULL) return overlap(a, centre, i);
  return a->shape->weight(((double)i + 0.5 - centre) / a->stretch);
}


/* Source samples that target sample 'i' may need: always at least one. */
static void span (const struct axis *a, int i, int *first, int *count) {
  double centre = a->start + ((double)i + 0.5) * a->step;
  int from = (int)floor(centre - a->reach), to = (int)ceil(centre + a->reach);
  if (from > a->size - 1) from = a->size - 1;
  if (from < 0) from = 0;
  if (to > a->size) to = a->size;
  if (to < from + 1) to = from + 1;
  *first = from;
  *count = to - from;
}


/* Weights of target sample 'i' that sum to one, and their span. */
static void weigh_span (const struct axis *a, int i, double *w, int *first,
                        int *count) {
  double sum = 0.0, centre = a->start + ((double)i + 0.5) * a->step;
  int k;
  span(a, i, first, count);
  for (k = 0; k < *count; k++) sum += w[k] = weigh(a, centre, *first + k);
  if (sum == 0.0) {  /* a box between two centres: take the nearest */
    k = (int)floor(centre) - *first;
    if (k < 0) k = 0;
    if (k > *count - 1) k = *count - 1;
    sum = w[k] = 1.0;
  }
  for (k = 0; k < *count; k++) w[k] /= sum;
}


/* Rounds the running sum rather than each weight: the total is exact, and a
** thousand weights of less than half a unit do not all vanish. */
static void quantise (int16_t *out, const double *w, int count, int shift) {
  double unit = ldexp(1.0, shift), sum = 0.0;
  long before = 0;
  int k;
  for (k = 0; k < count; k++) {
    long now;
    sum += w[k] * unit;
    now = k == count - 1 ? (long)unit : lround(sum);
    out[k] = (int16_t)(now - before);
    before = now;
  }
}


/* Zeros at either end cost time and rows. */
static void trim (struct novita_coefs *c, int i) {
  int16_t *w = c->weight + (size_t)i * (size_t)c->stride;
  int skip = 0, n = c->count[i];
  while (n > 1 && w[n - 1] == 0) n--;
  while (skip < n - 1 && w[skip] == 0) skip++;
  memmove(w, w + skip, (size_t)(n - skip) * sizeof *w);
  memset(w + n - skip, 0, (size_t)(c->stride - (n - skip)) * sizeof *w);
  c->first[i] += skip;
  c->count[i] = n - skip;
}


/* As many fraction bits as the largest weight leaves room for, and as keep a
** sum of weighted samples within twice its range. */
static int choose_shift (double largest, double total, int most) {
  int shift = most;
  while (shift > 1 && (ldexp(largest, shift) > LARGEST ||
                       ldexp(total, shift) > ldexp(2.0, most))) shift--;
  return shift;
}


static int survey (const struct axis *a, struct novita_coefs *c, double *w,
                   int most) {
  double largest = 0.0, total = 0.0;
  int i, k;
  for (i = 0; i < c->n; i++) {
    double sum = 0.0;
    weigh_span(a, i, w, &c->first[i], &c->count[i]);
    for (k = 0; k < c->count[i]; k++) {
      sum += fabs(w[k]);
      largest = fmax(largest, fabs(w[k]));
    }
    total = fmax(total, sum);
  }
  return choose_shift(largest, total, most);
}


static int widest (const struct axis *a, int n) {
  int i, first, count, most = 1;
  for (i = 0; i < n; i++) {
    span(a, i, &first, &count);
    if (count > most) most = count;
  }
  return most;
}


static int reserve (struct novita_coefs *c, int n, int taps) {
  c->n = n;
  c->stride = (taps + NOVITA_TAPS - 1) / NOVITA_TAPS * NOVITA_TAPS;
  c->first = malloc((size_t)n * sizeof *c->first);
  c->count = malloc((size_t)n * sizeof *c->count);
  c->weight = calloc((size_t)n * (size_t)c->stride, sizeof *c->weight);
  return c->first != NULL && c->count != NULL && c->weight != NULL;
}


static void fill (const struct axis *a, struct novita_coefs *c, double *w,
                  int most) {
  int i;
  c->shift = survey(a, c, w, most);
  for (i = 0; i < c->n; i++) {
    weigh_span(a, i, w, &c->first[i], &c->count[i]);
    quantise(c->weight + (size_t)i * (size_t)c->stride, w, c->count[i],
             c->shift);
    trim(c, i);
  }
}


int novita_coefs_open (struct novita_coefs *c, enum novita_filter filter,
                       int size, double start, double length, int n,
                       int max_shift, struct novita_error *e) {
  struct axis a = {&shapes[filter], size, start, length / n, 0, 0};
  int taps;
  double *w;
  a.stretch = fmax(a.step, 1.0);
  a.reach = a.shape->support * (a.shape->weight ? a.stretch : a.step);
  taps = widest(&a, n);
  assert(taps > 0);  /* every output has at least one source */
  memset(c, 0, sizeof *c);
  w = malloc((size_t)taps * sizeof *w);
  if (w == NULL || !reserve(c, n, taps)) {
    free(w);
    novita_coefs_close(c);
    return novita_fail_memory(e);
  }
  fill(&a, c, w, max_shift);
  free(w);
  return 0;
}


void novita_coefs_close (struct novita_coefs *c) {
  free(c->first);
  free(c->count);
  free(c->weight);
  memset(c, 0, sizeof *c);
}
