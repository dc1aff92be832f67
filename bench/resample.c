/*
** resample.c: times the library's resampler on raw pixels in memory, on one
** thread.
**
**   usage: resample <pixels> <width> <height> <channels> <to width> <to height>
**                    <runs>
**
** <pixels> is a file with that many bytes. Prints the medians of <runs> runs,
** which alternate: "bench resample memcpy <ms>" for a copy of the source, and
** "bench resample <isa> <ms>" for each set of kernels that this processor has;
** "<isa>_linear" in linear light. Alpha is weighted if there is one. Weights
** are computed in every run, as for an image of a new size.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../csrc/image/resample/resample.h"

#define MAX_RUNS 99
#define PLAIN_LINEAR 1  /* too slow to be useful */

struct work {
  struct novita_resample_job job;
  uint8_t *source, *target, *copy;
  size_t bytes;
};

struct way {
  const char *isa;
  int linear;
  double ms[MAX_RUNS];
};


/* CPU time of the process: a busy machine changes it least */
static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}


static void die (const char *why) {
  fprintf(stderr, "resample: %s\n", why);
  exit(1);
}


static void resize (const struct work *w, const struct way *way) {
  struct novita_resample_options options = {0};
  struct novita_resampler r;
  struct novita_error e;
  ptrdiff_t stride = (ptrdiff_t)w->job.source_width * w->job.channels;
  uint8_t *out = w->target;
  int y = 0;
  options.kernels = novita_kernels_named(way->isa);
  options.linear = way->linear;
  options.alpha = w->job.channels % 2 == 0;
  if (novita_resample_open(&r, &w->job, &options, &e) != 0) die("no memory");
  while (!novita_resample_done(&r)) {
    y += novita_resample_give(&r, w->source + y * stride, stride,
                              w->job.source_height - y);
    while (novita_resample_take(&r, out))
      out += (ptrdiff_t)w->job.width * w->job.channels;
  }
  novita_resample_close(&r);
}


static double time_of (const struct work *w, const struct way *way) {
  double start = now();
  if (way->isa == NULL) memcpy(w->copy, w->source, w->bytes);
  else resize(w, way);
  return now() - start;
}


static int by_size (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}


static void measure (const struct work *w, struct way *ways, int n, int runs) {
  int i, k;
  for (i = 0; i < n; i++) time_of(w, &ways[i]);  /* touches all memory */
  for (k = 0; k < runs; k++)
    for (i = 0; i < n; i++) ways[i].ms[k] = time_of(w, &ways[i]);
  for (i = 0; i < n; i++) {
    qsort(ways[i].ms, (size_t)runs, sizeof ways[i].ms[0], by_size);
    printf("bench resample %s%s %.4f\n", ways[i].isa ? ways[i].isa : "memcpy",
           ways[i].linear ? "_linear" : "", ways[i].ms[runs / 2]);
  }
}


static void load (struct work *w, const char *path) {
  FILE *f = fopen(path, "rb");
  const struct novita_resample_job *j = &w->job;
  w->bytes = (size_t)j->source_width * (size_t)j->source_height *
             (size_t)j->channels;
  w->source = malloc(w->bytes);
  w->copy = malloc(w->bytes);
  w->target = malloc((size_t)j->width * (size_t)j->height *
                     (size_t)j->channels);
  if (w->source == NULL || w->copy == NULL || w->target == NULL)
    die("no memory");
  if (f == NULL || fread(w->source, 1, w->bytes, f) != w->bytes)
    die("cannot read the pixels");
  fclose(f);
}


int main (int argc, char **argv) {
  static const char *const isas[] = {"scalar", "neon", "avx2", "avx512"};
  static struct way ways[1 + 2 * 4];
  struct work w = {0};
  int i, n = 1, runs;
  if (argc != 8) die("wrong arguments");
  w.job.source_width = atoi(argv[2]);
  w.job.source_height = atoi(argv[3]);
  w.job.channels = atoi(argv[4]);
  w.job.width = atoi(argv[5]);
  w.job.height = atoi(argv[6]);
  w.job.box.width = w.job.source_width;
  w.job.box.height = w.job.source_height;
  runs = atoi(argv[7]);
  if (runs < 1 || runs > MAX_RUNS) die("runs must be 1 to 99");
  load(&w, argv[1]);
  for (i = 0; i < 8; i++)
    if (novita_kernels_named(isas[i / 2]) != NULL && i != PLAIN_LINEAR) {
      ways[n].isa = isas[i / 2];
      ways[n++].linear = i % 2;
    }
  measure(&w, ways, n, runs);
  free(w.source);
  free(w.copy);
  free(w.target);
  return 0;
}
