/*
** boxes.c: see boxes.h. Each cell has five anchors, shapes of faces that it
** knows. For each there are the centre, as a logistic function of the position
** in the cell; the size, as the logarithm of its ratio to the anchor; and the
** logit of the score. Only the best candidates are kept while the cells are
** read, so that no image can make many.
*/
#include <math.h>
#include <string.h>

#include "boxes.h"

#define ANCHORS 5
#define VALUES 5          /* of an anchor: x, y, width, height, score */
#define LEAST_SCORE 0.5   /* of a face: a logit above 0 */
#define MOST_OVERLAP 0.4  /* of two faces: intersection over union */
#define LARGEST 5.0       /* logarithm of a ratio of sizes: it stays finite */

/* width and height, in cells */
static const double anchors[ANCHORS][2] = {
  {1.603231, 2.094468}, {6.041143, 7.080126}, {2.882459, 3.518061},
  {4.266906, 5.178857}, {9.041765, 10.66308}
};

struct candidates {
  struct novita_face face[NOVITA_DETECTOR_MOST];   /* best first */
  int count;
};


static double logistic (double v) {
  return 1 / (1 + exp(-v));
}


static struct novita_face face_at (const float *v, const double *anchor, int x,
                                   int y) {
  const double cell = NOVITA_FACES_STRIDE;
  struct novita_face f;
  f.width = exp(fmin(v[2], LARGEST)) * anchor[0] * cell;
  f.height = exp(fmin(v[3], LARGEST)) * anchor[1] * cell;
  f.x = (x + logistic(v[0])) * cell - f.width / 2;
  f.y = (y + logistic(v[1])) * cell - f.height / 2;
  f.score = logistic(v[4]);
  return f;
}


static void insert (struct candidates *c, const struct novita_face *f) {
  int i = c->count;
  if (i == NOVITA_DETECTOR_MOST) {
    if (c->face[i - 1].score >= f->score) return;
    i--;
  } else
    c->count++;
  for (; i > 0 && c->face[i - 1].score < f->score; i--)
    c->face[i] = c->face[i - 1];
  c->face[i] = *f;
}


static void collect (const struct novita_faces_network *n,
                     struct candidates *c) {
  int x, y, k;
  c->count = 0;
  for (y = 0; y < n->cells; y++)
    for (x = 0; x < n->cells; x++) {
      const float *v = n->out + (y * n->cells + x) * NOVITA_FACES_VALUES;
      for (k = 0; k < ANCHORS; k++, v += VALUES) {
        struct novita_face f = face_at(v, anchors[k], x, y);
        if (f.score > LEAST_SCORE) insert(c, &f);
      }
    }
}


static double shared (double a, double a_size, double b, double b_size) {
  return fmax(0, fmin(a + a_size, b + b_size) - fmax(a, b));
}


static double overlap (const struct novita_face *a,
                       const struct novita_face *b) {
  double both = shared(a->x, a->width, b->x, b->width) *
                shared(a->y, a->height, b->y, b->height);
  return both / (a->width * a->height + b->width * b->height - both);
}


static bool is_covered (const struct novita_face *f,
                        const struct novita_face *faces, int count) {
  int i;
  for (i = 0; i < count; i++)
    if (overlap(f, &faces[i]) > MOST_OVERLAP) return true;
  return false;
}


/* cuts a side to what is inside 0 to 'size' */
static void cut (double *start, double *length, double size) {
  double end = fmin(*start + *length, size);
  *start = fmax(*start, 0);
  *length = end - *start;
}


/* Boxes are compared before they are cut: what is outside still counts. */
int novita_faces_boxes (const struct novita_faces_network *n, int width,
                        int height, struct novita_face *faces) {
  struct candidates c;
  int i, count = 0, inside = 0;
  collect(n, &c);
  for (i = 0; i < c.count; i++)
    if (!is_covered(&c.face[i], faces, count)) faces[count++] = c.face[i];
  for (i = 0; i < count; i++) {
    struct novita_face f = faces[i];
    cut(&f.x, &f.width, width);
    cut(&f.y, &f.height, height);
    if (f.width > 0 && f.height > 0) faces[inside++] = f;
  }
  return inside;
}
