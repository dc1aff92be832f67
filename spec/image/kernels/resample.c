/*
** resample.c: resizes noise with the plain kernels and with those named by the
** first argument, and compares the results bit by bit. It is a program, not
** part of the module, so that it also runs under an emulator of another
** processor. The second argument is the step between the combinations of
** channels, alpha and linear light that each size is tested with: 1 for all of
** them. Each image is made with new weights and with cached ones.
**
** Prints "same <n>" with the number of images compared, or the first
** difference, or "missing" if this processor does not have such kernels.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../csrc/image/resample/resample.h"

struct size { int width, height, to_width, to_height; };

static const struct size sizes[] = {
  {1, 1, 1, 1}, {1, 1, 7, 5}, {2, 2, 1, 1}, {3, 3, 2, 2}, {1, 997, 1, 31},
  {997, 1, 31, 1}, {65500, 1, 1, 1}, {1, 65500, 1, 1}, {65500, 1, 13, 1},
  {1, 65500, 1, 17}, {131, 67, 130, 67}, {131, 67, 13, 11}, {31, 17, 257, 129},
  {64, 64, 16, 16}, {63, 65, 15, 33}, {3, 211, 5, 7}, {211, 3, 7, 5},
  {127, 61, 127, 61}, {5, 4, 64, 63}, {257, 31, 33, 1}, {509, 7, 16, 16},
  {33, 100, 17, 15}, {17, 33, 32, 48}
};

#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))
#define RANDOM_SIZES 20

static uint32_t state = 1;
static struct novita_weights_cache cache;


static int pick (int n) {
  state = state * 1664525u + 1013904223u;
  return (int)((state >> 8) % (uint32_t)n);
}


static int size_of (int i, struct size *s) {
  if (i >= SIZES + RANDOM_SIZES) return 0;
  if (i < SIZES) *s = sizes[i];
  else {
    s->width = 1 + pick(300);
    s->height = 1 + pick(120);
    s->to_width = 1 + pick(200);
    s->to_height = 1 + pick(100);
  }
  return 1;
}


/* makes noise, hard edges, or mostly opaque colours */
static uint8_t *make_source (const struct novita_resample_job *job, int way) {
  size_t i, n = (size_t)job->source_width * (size_t)job->source_height *
                (size_t)job->channels;
  uint8_t *p = malloc(n);
  if (p == NULL) abort();
  for (i = 0; i < n; i++)
    p[i] = (uint8_t)(way == 0 ? pick(256) : way == 1 ? pick(2) * 255 : 255);
  if (way == 2)
    for (i = 0; i < n; i += 1 + (size_t)pick(999)) p[i] = (uint8_t)pick(256);
  return p;
}


/* Rows are fed in both ways, so that each way occurs at every position. */
static void resize (uint8_t *out, const uint8_t *in,
                    const struct novita_resample_job *job,
                    const struct novita_resample_options *options) {
  struct novita_resampler r;
  struct novita_error e;
  size_t stride = (size_t)job->source_width * (size_t)job->channels;
  int y = 0;
  if (novita_resample_open(&r, job, options, &e) != 0) abort();
  while (y < job->source_height) {
    const uint8_t *row = in + (size_t)y * stride;
    if (y % 9 == 0) {
      memcpy(novita_resample_slot(&r), row, stride);
      novita_resample_feed(&r);
      y++;
    } else
      y += novita_resample_give(&r, row, (ptrdiff_t)stride,
                                job->source_height - y);
    while (novita_resample_take(&r, out))
      out += (size_t)job->width * (size_t)job->channels;
  }
  if (!novita_resample_done(&r)) abort();
  novita_resample_close(&r);
}


static bool same (const struct novita_resample_job *job, const uint8_t *in,
                  struct novita_resample_options *options,
                  const struct novita_kernels *kernels) {
  size_t n = (size_t)job->width * (size_t)job->height * (size_t)job->channels;
  uint8_t *a = malloc(n), *b = malloc(n);
  int r;
  if (a == NULL || b == NULL) abort();
  memset(a, 1, n);
  memset(b, 2, n);
  options->kernels = &novita_kernels_scalar;
  resize(a, in, job, options);
  options->kernels = kernels;
  resize(b, in, job, options);
  r = memcmp(a, b, n) == 0;
  options->cache = &cache;  /* empty the first time for a size, then not */
  memset(b, 3, n);
  resize(b, in, job, options);
  r = r && memcmp(a, b, n) == 0;
  options->cache = NULL;
  free(a);
  free(b);
  return r;
}


static void shape (struct novita_resample_job *job, const struct size *s,
                   int i) {
  double w = s->width, h = s->height;
  job->source_width = s->width;
  job->source_height = s->height;
  job->width = s->to_width;
  job->height = s->to_height;
  job->box.x = i % 3 == 1 ? w * 0.1 : 0;
  job->box.y = i % 3 == 1 ? h * 0.23 : 0;
  job->box.width = i % 3 == 1 ? w * 0.71 : w;
  job->box.height = i % 3 == 1 ? h * 0.6 : h;
}


/* Compares one size with every number of channels and mode, or every 'step'-th
** of these; the filters take turns. Alpha needs an even number of channels. */
static int compare (const struct size *s, int i, int step,
                    const struct novita_kernels *kernels) {
  struct novita_resample_job job;
  struct novita_resample_options options = {0};
  int mode, at = i, n = 0;
  for (job.channels = 1; job.channels <= 4; job.channels++)
    for (mode = 0; mode < 4; mode++) {
      uint8_t *in;
      options.alpha = mode % 2;
      options.linear = mode / 2;
      if ((options.alpha && job.channels % 2 != 0) || at++ % step != 0)
        continue;
      shape(&job, s, i);
      job.filter = (enum novita_filter)(at % (NOVITA_FILTER_BOX + 1));
      in = make_source(&job, (i + at / 5 + mode) % 3);
      if (!same(&job, in, &options, kernels)) {
        printf("%s differs: %dx%d to %dx%d, filter %d, channels %d, mode "
               "%d\n", kernels->name, s->width, s->height, s->to_width,
               s->to_height, (int)job.filter, job.channels, mode);
        exit(1);
      }
      free(in);
      n++;
    }
  return n;
}


int main (int argc, char **argv) {
  const struct novita_kernels *kernels;
  struct size s;
  int i, step, n = 0;
  if (argc != 3 || (step = atoi(argv[2])) < 1) return 2;
  kernels = novita_kernels_named(argv[1]);
#ifdef NOVITA_HAVE_X86
  if (strcmp(argv[1], "avx512-without-vnni") == 0 &&
      novita_kernels_named("avx512") != NULL) kernels = &novita_kernels_avx512;
#endif
  if (kernels == NULL) {
    printf("missing\n");
    return 0;
  }
  novita_weights_cache_open(&cache);
  for (i = 0; size_of(i, &s); i++) n += compare(&s, i, step, kernels);
  novita_weights_cache_close(&cache);
  printf("same %d\n", n);
  return 0;
}
