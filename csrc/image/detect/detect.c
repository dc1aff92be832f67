/*
** detect.c: see detect.h
*/
#include <math.h>
#include <string.h>

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
                const struct novita_look *look, int side,
                struct novita_detected *out, struct novita_error *e) {
  struct novita_pixels image;
  if (novita_chooser_look(look, side, &image, e) != 0) return -1;
  out->count = detector->find(detector, image.data, image.width, image.height,
                              side, out->face);
  if (out->count > 0) enlarge(out, &image);
  novita_pixels_close(&image);
  return out->count < 0 ? novita_error_set_memory(e) : 0;
}


/* keeps the boxes of the first look if the second one finds nothing */
static int run_again (const struct novita_detector *detector,
                      const struct novita_look *look,
                      struct novita_detected *out, struct novita_error *e) {
  struct novita_detected second = *out;
  if (out->count > 0 && out->face[0].score >= NOVITA_DETECT_SURE) return 0;
  if (run(detector, look, NOVITA_DETECT_SIDE, &second, e) != 0) return -1;
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


int novita_detect_look (const struct novita_detector *detector,
                        const struct novita_look *look,
                        struct novita_detected *out, struct novita_error *e) {
  out->width = look->width;
  out->height = look->height;
  if (run(detector, look, NOVITA_DETECT_FIRST_SIDE, out, e) != 0 ||
      run_again(detector, look, out, e) != 0) return -1;
  sort(out->face, out->count);
  return 0;
}


int novita_detect_faces (const struct novita_detector *detector,
                         const struct novita_source *source,
                         const struct novita_limits *limits, bool lenient,
                         struct novita_detected *out, struct novita_error *e) {
  struct novita_resized small;
  struct novita_look look = {0, 0, &small, NULL};
  int r;
  memset(&small, 0, sizeof small);
  if (novita_reduce_photo(&small.pixels, source, limits, lenient,
                          NOVITA_DETECT_SIDE, &look.width, &look.height,
                          e) != 0) return -1;
  r = novita_detect_look(detector, &look, out, e);
  novita_resized_close(&small);
  return r;
}
