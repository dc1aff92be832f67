/*
** jpeg_stages.c: the floor of preparing a JPEG in planes: each stage alone, on
** one thread, with its data in memory.
**
**   usage: jpeg_stages <side> <quality> <photo>...
**
** The centred square of each photo becomes <side> x <side>, 4:4:4, Lanczos3.
** Prints the mean CPU time per photo as "bench prepare jpeg_<stage>_ms <ms>":
**
**   entropy     reads all Huffman codes of the file
**   idct        what decoding the planes of the square takes above that
**   vertical    interleaves rows, and sums them
**   horizontal  sums columns, and rounds to bytes
**   encode      from planes in memory
**
** There is no stage for colour: planes keep the file's.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../csrc/image/codec/planes.h"
#include "../csrc/image/formats/formats.h"
#include "../csrc/image/resample/resample.h"

enum stage { ENTROPY, IDCT, VERTICAL, HORIZONTAL, ENCODE, STAGES };

static const char *const names[] = {
  "entropy", "idct", "vertical", "horizontal", "encode"
};

static double ms[STAGES];
static struct novita_weights_cache cache;

struct photo {
  struct novita_source source;
  int side;                      /* of the result */
  struct novita_plane_layout layout;
  uint8_t *plane[NOVITA_PLANES];
};


static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}


static void check (int result, const struct novita_error *e) {
  if (result == 0) return;
  fprintf(stderr, "jpeg_stages: %s\n", e->text);
  exit(1);
}


static void *reserve (size_t n) {
  void *p = malloc(n);
  if (p != NULL) return p;
  fprintf(stderr, "jpeg_stages: no memory\n");
  exit(1);
}


static void load (struct photo *o, const char *path) {
  struct novita_source file = {path, NULL, 0};
  struct novita_source_reader reader;
  struct novita_error e;
  void *bytes;
  check(novita_source_open(&reader, &file, SIZE_MAX, &e), &e);
  check(novita_source_read_all(&reader, &e), &e);
  bytes = reserve(reader.len);
  memcpy(bytes, reader.data, reader.len);
  o->source.path = NULL;
  o->source.bytes = bytes;
  o->source.len = reader.len;
  novita_source_close(&reader);
}


/* the centred square of a plane */
static struct novita_box square (const struct photo *o, int i) {
  int width = o->layout.plane[i].width, height = o->layout.plane[i].height;
  int side = width < height ? width : height;
  struct novita_box box = {(width - side) / 2.0, (height - side) / 2.0, side,
                           side};
  return box;
}


static void keep (struct photo *o, const struct novita_plane_row_block *b) {
  int i, y;
  for (i = 0; i < o->layout.count; i++)
    for (y = 0; y < b->plane[i].rows; y++)
      memcpy(o->plane[i] + (size_t)(b->plane[i].first + y) *
                           (size_t)o->layout.plane[i].width,
             b->plane[i].data + (size_t)y * b->plane[i].stride,
             (size_t)o->layout.plane[i].width);
}


/* Decodes all planes: the centred square, only their codes ('empty'), or all of
** them, kept in memory ('keeps'). */
static double decode (struct photo *o, int empty, int keeps) {
  struct novita_limits limits;
  struct novita_source_reader reader;
  struct novita_decoder d;
  struct novita_plane_row_block block;
  struct novita_error e;
  double start;
  int i;
  novita_limits_defaults(&limits);
  check(novita_source_open(&reader, &o->source, SIZE_MAX, &e), &e);
  start = now();
  check(novita_formats_open_decoder(&d, &reader, &limits, 0, &e), &e);
  check(novita_decoder_planes(&d, &o->layout, &e), &e);
  for (i = 0; i < o->layout.count && !keeps; i++) {
    struct novita_box box = square(o, i);
    d.window[i].left = (int)box.x;
    d.window[i].right = empty ? d.window[i].left : (int)(box.x + box.width);
  }
  for (i = 0; i < o->layout.count && keeps; i++)
    o->plane[i] = reserve((size_t)o->layout.plane[i].width *
                          (size_t)o->layout.plane[i].height);
  while (d.next < d.height) {
    check(novita_decoder_row_block(&d, &block, &e), &e);
    if (keeps) keep(o, &block);
  }
  check(novita_decoder_finish(&d, &e), &e);
  start = now() - start;
  novita_decoder_close(&d);
  novita_source_close(&reader);
  return start;
}


static void no_columns (const struct novita_row_block *b) {
  (void)b;
}


static void no_bytes (uint8_t *out, const int16_t *in, size_t n) {
  (void)out;
  (void)in;
  (void)n;
}


static double resample_plane (const struct photo *o, int i,
                              const struct novita_kernels *kernels,
                              const struct novita_plane *to) {
  struct novita_resample_options options = {0};
  struct novita_resample_job job = {0};
  struct novita_resampler r;
  struct novita_error e;
  ptrdiff_t stride = o->layout.plane[i].width;
  double start = now();
  int y = 0, made = 0;
  job.source_width = o->layout.plane[i].width;
  job.source_height = o->layout.plane[i].height;
  job.channels = 1;
  job.box = square(o, i);
  job.width = job.height = o->side;
  job.filter = NOVITA_FILTER_LANCZOS3;
  options.kernels = kernels;
  options.cache = &cache;
  check(novita_resample_open(&r, &job, &options, &e), &e);
  while (!novita_resample_done(&r)) {
    y += novita_resample_give(&r, o->plane[i] + y * stride, stride,
                              job.source_height - y);
    while (!novita_resample_done(&r) &&
           novita_resample_take(&r, novita_pixels_row(&to->pixels, made)))
      made++;
  }
  novita_resample_close(&r);
  return now() - start;
}


static double resample (const struct photo *o,
                        const struct novita_kernels *kernels,
                        const struct novita_planes *to) {
  double sum = 0;
  int i;
  for (i = 0; i < o->layout.count; i++)
    sum += resample_plane(o, i, kernels, &to->plane[i]);
  return sum;
}


static double encode (const struct novita_planes *planes, int quality) {
  struct novita_encoder_options options;
  struct novita_encoder c;
  struct novita_buffer out;
  struct novita_error e;
  double start = now();
  novita_encoder_defaults(&options, NOVITA_FORMAT_JPEG);
  options.quality = quality;
  options.planes = true;
  novita_buffer_init(&out, (size_t)1 << 28);
  check(novita_formats_open_encoder(&c, &options, planes->width,
                                    planes->height, planes->count, &out, &e),
        &e);
  check(novita_encoder_planes(&c, planes, &e), &e);
  check(novita_encoder_finish(&c, &e), &e);
  start = now() - start;
  novita_encoder_close(&c);
  novita_buffer_free(&out);
  return start;
}


static void measure (const char *path, int side, int quality) {
  static struct novita_kernels rows_only;
  struct photo o = {0};
  struct novita_planes to;
  struct novita_error e;
  double entropy, rows;
  int i;
  rows_only = *novita_kernels();
  rows_only.horizontal = no_columns;
  rows_only.narrow = no_bytes;
  o.side = side;
  load(&o, path);
  decode(&o, 0, 1);
  entropy = decode(&o, 1, 0);
  ms[ENTROPY] += entropy;
  ms[IDCT] += decode(&o, 0, 0) - entropy;
  check(novita_planes_open(&to, side, side, o.layout.count, 444, &e), &e);
  novita_planes_clear(&to);
  rows = resample(&o, &rows_only, &to);
  ms[VERTICAL] += rows;
  ms[HORIZONTAL] += resample(&o, novita_kernels(), &to) - rows;
  novita_planes_pad(&to);
  ms[ENCODE] += encode(&to, quality);
  novita_planes_close(&to);
  for (i = 0; i < o.layout.count; i++) free(o.plane[i]);
  free((void *)(uintptr_t)o.source.bytes);
}


int main (int argc, char **argv) {
  int i;
  if (argc < 4) {
    fprintf(stderr, "usage: jpeg_stages <side> <quality> <photo>...\n");
    return 2;
  }
  novita_weights_cache_open(&cache);
  for (i = 3; i < argc; i++) measure(argv[i], atoi(argv[1]), atoi(argv[2]));
  for (i = 0; i < STAGES; i++)
    printf("bench prepare jpeg_%s_ms %.4f\n", names[i], ms[i] / (argc - 3));
  novita_weights_cache_close(&cache);
  return 0;
}
