/*
** resample_vips.c: one round of libvips on raw pixels in memory, one thread:
** the library inside npm's sharp, called directly, so that the figure does not
** include Node.
**
** usage: resample_vips <libvips-cpp.so> <pixels> <width> <height> <channels>
**                      <to width> <to height> <runs>
**
** It measures what sharp does: vips_resize with Lanczos3, for RGBA between
** vips_premultiply and vips_unpremultiply, each cast to bytes, until all target
** pixels are in memory. Prints "bench resample libvips <ms>", the median.
*/
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_RUNS 99

/* the declarations of vips.h that are used, so that it need not be installed */
typedef struct image image;

static struct vips {
  int (*init) (const char *name);
  void (*concurrency_set) (int threads);
  image *(*new_from_memory) (const void *data, size_t size, int width,
                             int height, int bands, int format);
  int (*resize) (image *in, image **out, double scale, ...);
  int (*premultiply) (image *in, image **out, ...);
  int (*unpremultiply) (image *in, image **out, ...);
  int (*cast_uchar) (image *in, image **out, ...);
  void *(*write_to_memory) (image *in, size_t *size);
  const char *(*error_buffer) (void);
  void (*unref) (void *object);
  void (*free) (void *memory);
} vips;

struct job { int width, height, channels, to_width, to_height; };


static void die (const char *why) {
  fprintf(stderr, "resample_vips: %s\n", why);
  exit(1);
}


static void *symbol (void *library, const char *name) {
  void *p = dlsym(library, name);
  if (p == NULL) die(dlerror());
  return p;
}


/* dlsym gives data pointers, which C does not turn into functions by itself */
#define FIND(member, name) \
  (*(void **)(void *)&vips.member = symbol(library, name))

static void find_all (const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) die(dlerror());
  FIND(init, "vips_init");
  FIND(concurrency_set, "vips_concurrency_set");
  FIND(new_from_memory, "vips_image_new_from_memory");
  FIND(resize, "vips_resize");
  FIND(premultiply, "vips_premultiply");
  FIND(unpremultiply, "vips_unpremultiply");
  FIND(cast_uchar, "vips_cast_uchar");
  FIND(write_to_memory, "vips_image_write_to_memory");
  FIND(error_buffer, "vips_error_buffer");
  FIND(unref, "g_object_unref");
  FIND(free, "g_free");
}


/* CPU time of the process: a busy machine changes it least */
static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}


/* 'in' is done with: what was made stands in for it */
static image *step (int failed, image *in, image *const *made) {
  if (failed) die(vips.error_buffer());
  vips.unref(in);
  return *made;
}


static void resize (const void *pixels, const struct job *j) {
  size_t n = (size_t)j->width * (size_t)j->height * (size_t)j->channels;
  image *out = NULL, *p = vips.new_from_memory(pixels, n, j->width, j->height,
                                               j->channels, 0);
  void *result;
  if (p == NULL) die(vips.error_buffer());
  if (j->channels == 4) {
    p = step(vips.premultiply(p, &out, NULL), p, &out);
    p = step(vips.cast_uchar(p, &out, NULL), p, &out);
  }
  p = step(vips.resize(p, &out, (double)j->to_width / j->width, "vscale",
                       (double)j->to_height / j->height, NULL), p, &out);
  if (j->channels == 4) {
    p = step(vips.unpremultiply(p, &out, NULL), p, &out);
    p = step(vips.cast_uchar(p, &out, NULL), p, &out);
  }
  result = vips.write_to_memory(p, &n);
  if (result == NULL) die(vips.error_buffer());
  if (n != (size_t)j->to_width * (size_t)j->to_height * (size_t)j->channels)
    die("the result has another size");
  vips.free(result);
  vips.unref(p);
}


static int by_size (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}


static void *load (const char *path, size_t n) {
  FILE *f = fopen(path, "rb");
  void *p = malloc(n);
  if (f == NULL || p == NULL || fread(p, 1, n, f) != n)
    die("cannot read the pixels");
  fclose(f);
  return p;
}


int main (int argc, char **argv) {
  static double ms[MOST_RUNS];
  struct job j;
  int i, runs;
  void *pixels;
  if (argc != 9) die("wrong arguments");
  find_all(argv[1]);
  j.width = atoi(argv[3]);
  j.height = atoi(argv[4]);
  j.channels = atoi(argv[5]);
  j.to_width = atoi(argv[6]);
  j.to_height = atoi(argv[7]);
  runs = atoi(argv[8]);
  if (runs < 1 || runs > MOST_RUNS) die("runs must be 1 to 99");
  pixels = load(argv[2], (size_t)j.width * (size_t)j.height *
                         (size_t)j.channels);
  if (vips.init(argv[0]) != 0) die(vips.error_buffer());
  vips.concurrency_set(1);
  resize(pixels, &j);  /* touch all memory */
  for (i = 0; i < runs; i++) {
    double start = now();
    resize(pixels, &j);
    ms[i] = now() - start;
  }
  qsort(ms, (size_t)runs, sizeof ms[0], by_size);
  printf("bench resample libvips %.4f\n", ms[runs / 2]);
  free(pixels);
  return 0;
}
