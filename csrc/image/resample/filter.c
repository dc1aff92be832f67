/*
** filter.c: see filter.h
*/
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define PI 3.14159265358979323846

/* the computation for one axis */
struct work {
  const struct novita_filter_axis *axis;
  double step;        /* source samples per target sample */
  double stretch;     /* of the filter: step, but at least 1 */
  double reach;       /* half width of the filter in source samples */
  double *weight;     /* of all target samples, before rounding */
};

/* computes the weights of 'count' source samples around 'centre', from 'first'
** on */
typedef void fill_fn (const struct work *w, double *out, double centre,
                      int first, int count);

struct shape {
  double support;     /* half width in target samples */
  bool by_step;  /* the width follows 'step' even below one source sample */
  fill_fn *fill;
};


/* position of source sample 'i' in the filter's scale */
static double offset_of (const struct work *w, double centre, int i) {
  return (i + 0.5 - centre) / w->stretch;
}


/* 3 sin(pi x) sin(pi x / 3) / (pi x)^2, with sin(3 a) = 3 sin a - 4 sin^3 a:
** one sine per sample, which is computed by rotating the previous one by a
** fixed angle */
static void lanczos3 (const struct work *w, double *out, double centre,
                      int first, int count) {
  double angle = PI / 3.0 * offset_of(w, centre, first);
  double turn = PI / 3.0 / w->stretch;
  double s = sin(angle), c = cos(angle), ts = sin(turn), tc = cos(turn);
  int k;
  for (k = 0; k < count; k++) {
    double next = s * tc + c * ts, triple = 3.0 * s - 4.0 * s * s * s;
    double a = angle + k * turn;
    if (fabs(a) < 1e-7) out[k] = 1.0;
    else out[k] = fabs(a) < PI ? triple * s / (3.0 * a * a) : 0.0;
    c = c * tc - s * ts;
    s = next;
  }
}


/* the Mitchell-Netravali family */
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


static void catmull_rom (const struct work *w, double *out, double centre,
                         int first, int count) {
  int k;
  for (k = 0; k < count; k++)
    out[k] = cubic(offset_of(w, centre, first + k), 0.0, 0.5);
}


static void mitchell (const struct work *w, double *out, double centre,
                      int first, int count) {
  int k;
  for (k = 0; k < count; k++)
    out[k] = cubic(offset_of(w, centre, first + k), 1.0 / 3.0, 1.0 / 3.0);
}


static void box (const struct work *w, double *out, double centre, int first,
                 int count) {
  int k;
  for (k = 0; k < count; k++) {
    double x = offset_of(w, centre, first + k);
    out[k] = x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
  }
}


/* how much of each source sample the target sample covers */
static void area (const struct work *w, double *out, double centre, int first,
                  int count) {
  double low = centre - w->step * 0.5, high = centre + w->step * 0.5;
  int k;
  for (k = 0; k < count; k++) {
    double from = fmax(low, first + k), to = fmin(high, first + k + 1.0);
    out[k] = to > from ? to - from : 0.0;
  }
}


static const struct shape shapes[] = {
  [NOVITA_FILTER_LANCZOS3] = {3.0, 0, lanczos3},
  [NOVITA_FILTER_CATMULL_ROM] = {2.0, 0, catmull_rom},
  [NOVITA_FILTER_MITCHELL] = {2.0, 0, mitchell},
  [NOVITA_FILTER_AREA] = {0.5, 1, area},
  [NOVITA_FILTER_BOX] = {0.5, 0, box}
};


static double centre_of (const struct work *w, int i) {
  return w->axis->start + (i + 0.5) * w->step;
}


/* The source samples that target sample 'i' may need: at least one. */
static void span (const struct work *w, int i, int *first, int *count) {
  double centre = centre_of(w, i);
  int size = w->axis->size;
  int from = (int)floor(centre - w->reach), to = (int)ceil(centre + w->reach);
  if (from > size - 1) from = size - 1;
  if (from < 0) from = 0;
  if (to > size) to = size;
  if (to < from + 1) to = from + 1;
  *first = from;
  *count = to - from;
}


/* Computes weights that sum to one. If a box filter covers no centre, the
** nearest sample is used. */
static void weigh (const struct work *w, double *out, int i, int first,
                   int count) {
  double sum = 0.0, centre = centre_of(w, i);
  int k;
  shapes[w->axis->filter].fill(w, out, centre, first, count);
  for (k = 0; k < count; k++) sum += out[k];
  if (sum == 0.0) {
    k = (int)floor(centre) - first;
    k = k < 0 ? 0 : k > count - 1 ? count - 1 : k;
    sum = out[k] = 1.0;
  }
  sum = 1.0 / sum;
  for (k = 0; k < count; k++) out[k] *= sum;
}


/* As many fraction bits as the largest weight allows, while a sum of weighted
** samples stays within twice the range of a sample. Rounding may increase a
** weight by one. */
static int choose_shift (double largest, double total, int most) {
  int shift = most;
  while (shift > 1 && (ldexp(largest, shift) > NOVITA_FILTER_MAX_WEIGHT - 1 ||
                       ldexp(total, shift) > ldexp(2.0, most))) shift--;
  return shift;
}


static int compute_weights (const struct work *w,
                            struct novita_filter_taps *c) {
  double largest = 0.0, total = 0.0;
  int i, k;
  for (i = 0; i < c->n; i++) {
    double *weight = w->weight + (size_t)i * (size_t)c->stride, sum = 0.0;
    span(w, i, &c->first[i], &c->count[i]);
    weigh(w, weight, i, c->first[i], c->count[i]);
    for (k = 0; k < c->count[i]; k++) {
      double size = fabs(weight[k]);
      sum += size;
      if (size > largest) largest = size;
    }
    total = fmax(total, sum);
  }
  return choose_shift(largest, total, w->axis->max_bits);
}


/* without a library call; for numbers above -2^24 */
static long to_nearest (double v) {
  return (long)(v + (double)(1 << 24) + 0.5) - (1 << 24);
}


/* Rounds the running sum, not each weight: the total is exact, and a thousand
** weights below half a unit do not all vanish. */
static void quantize (int16_t *out, const double *w, int count, int shift) {
  double unit = ldexp(1.0, shift), sum = 0.0;
  long before = 0;
  int k;
  for (k = 0; k < count; k++) {
    long now;
    sum += w[k] * unit;
    now = k == count - 1 ? (long)unit : to_nearest(sum);
    out[k] = (int16_t)(now - before);
    before = now;
  }
}


/* Zero weights at either end cost time and rows. */
static void trim (const int16_t *w, int *skip, int *count) {
  int n = *count;
  *skip = 0;
  while (n > 1 && w[n - 1] == 0) n--;
  while (*skip < n - 1 && w[*skip] == 0) ++*skip;
  *count = n - *skip;
}


/* Moves a row of weights to the start of its group; 'stride' has room for it.
*/
static void align_row (struct novita_filter_taps *c, int i, int align) {
  int16_t *w = c->weight + (size_t)i * (size_t)c->stride;
  int skip, count = c->count[i], first, lead;
  trim(w, &skip, &count);
  first = c->first[i] + skip;
  lead = first % align;
  memmove(w + lead, w + skip, (size_t)count * sizeof *w);
  memset(w, 0, (size_t)lead * sizeof *w);
  c->first[i] = first - lead;
  count += lead;
  c->count[i] = (count + align - 1) / align * align;
  memset(w + count, 0, (size_t)(c->stride - count) * sizeof *w);
}


static int widest (const struct work *w, int n) {
  int i, first, count, most = 1;
  for (i = 0; i < n; i++) {
    span(w, i, &first, &count);
    if (count > most) most = count;
  }
  return most;
}


static int reserve (struct novita_filter_taps *c, struct work *w) {
  const struct novita_filter_axis *a = w->axis;
  int taps = widest(w, a->n);
  size_t n = (size_t)a->n;
  c->n = a->n;
  c->stride = (taps + 2 * (a->align - 1)) / a->align * a->align;
  c->first = malloc(n * sizeof *c->first);
  c->count = malloc(n * sizeof *c->count);
  c->weight = calloc(n * (size_t)c->stride, sizeof *c->weight);
  w->weight = malloc(n * (size_t)c->stride * sizeof *w->weight);
  return c->first != NULL && c->count != NULL && c->weight != NULL &&
         w->weight != NULL;
}


static void fill (const struct work *w, struct novita_filter_taps *c) {
  int i;
  c->shift = compute_weights(w, c);
  for (i = 0; i < c->n; i++) {
    size_t at = (size_t)i * (size_t)c->stride;
    quantize(c->weight + at, w->weight + at, c->count[i], c->shift);
    align_row(c, i, w->axis->align);
  }
}


int novita_filter_taps_open (struct novita_filter_taps *c,
                             const struct novita_filter_axis *axis,
                             struct novita_error *e) {
  struct work w = {axis, axis->length / axis->n, 0, 0, NULL};
  const struct shape *shape = &shapes[axis->filter];
  int r = 0;
  w.stretch = fmax(w.step, 1.0);
  w.reach = shape->support * (shape->by_step ? w.step : w.stretch);
  memset(c, 0, sizeof *c);
  if (reserve(c, &w)) fill(&w, c);
  else {
    novita_filter_taps_close(c);
    r = novita_error_set_memory(e);
  }
  free(w.weight);
  return r;
}


void novita_filter_taps_close (struct novita_filter_taps *c) {
  free(c->first);
  free(c->count);
  free(c->weight);
  memset(c, 0, sizeof *c);
}
