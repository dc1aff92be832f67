/*
** detect.c: see detect.h
*/
#include <math.h>

#include "../prepare/reduce.h"
#include "detect.h"


/* the boxes of a reduced image, in the photo's pixels */
static void enlarge (struct novita_detected *out,
                     const struct novita_pixels *image) {
  double across = (double)out->width / image->width;
  double down = (double)out->height / image->height;
  int i;
  for (i = 0; i < out->count; i++) {
    struct novita_face *f = &out->face[i];
    f->x *= across;
    f->y *= down;
    f->width = fmin(f->width * across, out->width - f->x);
    f->height = fmin(f->height * down, out->height - f->y);
  }
}


static int run (const struct novita_detector *detector,
                const struct novita_pixels *image, int side,
                struct novita_detected *out, struct novita_error *e) {
  out->count = detector->find(detector, image->data, image->width,
                              image->height, side, out->face);
  if (out->count < 0) return novita_error_set_memory(e);
  enlarge(out, image);
  return 0;
}


static int run_first (const struct novita_detector *detector,
                      const struct novita_pixels *image,
                      struct novita_detected *out, struct novita_error *e) {
  struct novita_pixels small;
  int r;
  if (novita_reduce_pixels(&small, image, NOVITA_DETECT_FIRST_SIDE, NULL,
                           e) != 0) return -1;
  r = run(detector, &small, NOVITA_DETECT_FIRST_SIDE, out, e);
  novita_pixels_close(&small);
  return r;
}


/* keeps the boxes of the first look if the second one finds nothing */
static int run_second (const struct novita_detector *detector,
                       const struct novita_pixels *image,
                       struct novita_detected *out, struct novita_error *e) {
  struct novita_detected second = *out;
  if (out->count > 0 && out->face[0].score >= NOVITA_DETECT_SURE) return 0;
  if (run(detector, image, NOVITA_DETECT_SIDE, &second, e) != 0) return -1;
  if (second.count > 0) *out = second;
  return 0;
}


static double area (const struct novita_face *f) {
  return f->width * f->height;
}


static void sort (struct novita_face *faces, int count) {
  int i, k;
  for (i = 1; i < count; i++) {
    struct novita_face f = faces[i];
    for (k = i; k > 0 && area(&faces[k - 1]) < area(&f); k--)
      faces[k] = faces[k - 1];
    faces[k] = f;
  }
}


int novita_detect_image (const struct novita_detector *detector,
                         const struct novita_pixels *image, int width,
                         int height, struct novita_detected *out,
                         struct novita_error *e) {
  out->width = width;
  out->height = height;
  if (run_first(detector, image, out, e) != 0 ||
      run_second(detector, image, out, e) != 0) return -1;
  sort(out->face, out->count);
  return 0;
}


int novita_detect_faces (const struct novita_detector *detector,
                         const struct novita_source *source,
                         const struct novita_limits *limits, bool lenient,
                         struct novita_detected *out, struct novita_error *e) {
  struct novita_pixels image;
  int width, height, r;
  if (novita_reduce_photo(&image, source, limits, lenient, NOVITA_DETECT_SIDE,
                          &width, &height, e) != 0) return -1;
  r = novita_detect_image(detector, &image, width, height, out, e);
  novita_pixels_close(&image);
  return r;
}
