/*
** quality.c: compares prepared images with the exact result, by PSNR and SSIM.
** The exact result is Lanczos3 in double precision from the photo's RGB as
** libjpeg gives it, with the given box, one clamp at the end and no rounding.
**
**   quality <photo.jpg> <x> <y> <width> <height> <made.png> ...
**
** Prints "<psnr> <ssim>" for each PNG, one per line; all have the same size.
** Shares no code with the library.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#define PI 3.14159265358979323846
#define RGB 3

struct image { int width, height; double *sample; };
struct axis { int *first, *count; double *weight; int stride; };


static void fail (const char *what, const char *name) {
  fprintf(stderr, "quality: %s: %s\n", name, what);
  exit(1);
}


static void *reserve (size_t n, size_t size) {
  void *p = calloc(n, size);
  if (p == NULL) fail("out of memory", "");
  return p;
}


static struct image blank (int width, int height) {
  struct image p = {width, height, NULL};
  p.sample = reserve((size_t)width * (size_t)height * RGB, sizeof(double));
  return p;
}


static struct image read_jpeg (const char *name) {
  struct jpeg_decompress_struct j;
  struct jpeg_error_mgr manager;
  struct image p;
  unsigned char *row;
  FILE *f = fopen(name, "rb");
  if (f == NULL) fail("cannot be read", name);
  j.err = jpeg_std_error(&manager);
  jpeg_create_decompress(&j);
  jpeg_stdio_src(&j, f);
  jpeg_read_header(&j, TRUE);
  j.out_color_space = JCS_RGB;
  j.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&j);
  p = blank((int)j.output_width, (int)j.output_height);
  row = reserve(j.output_width, RGB);
  while (j.output_scanline < j.output_height) {
    double *to = p.sample + (size_t)j.output_scanline * j.output_width * RGB;
    size_t i;
    jpeg_read_scanlines(&j, &row, 1);
    for (i = 0; i < (size_t)j.output_width * RGB; i++) to[i] = row[i];
  }
  free(row);
  jpeg_finish_decompress(&j);
  jpeg_destroy_decompress(&j);
  fclose(f);
  return p;
}


static struct image read_png (const char *name) {
  png_image png;
  struct image p;
  unsigned char *bytes;
  size_t i, n;
  memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_file(&png, name)) fail("is not a PNG", name);
  png.format = PNG_FORMAT_RGB;
  p = blank((int)png.width, (int)png.height);
  n = (size_t)png.width * png.height * RGB;
  bytes = reserve(n, 1);
  if (!png_image_finish_read(&png, NULL, bytes, 0, NULL))
    fail("is damaged", name);
  for (i = 0; i < n; i++) p.sample[i] = bytes[i];
  free(bytes);
  return p;
}


static double lanczos3 (double x) {
  x = fabs(x);
  if (x >= 3) return 0;
  if (x < 1e-12) return 1;
  return 3 * sin(PI * x) * sin(PI * x / 3) / (PI * PI * x * x);
}


static struct axis weigh (int size, double start, double length, int n) {
  double step = length / n, stretch = step > 1 ? step : 1;
  struct axis a;
  int i, k;
  a.stride = (int)ceil(6 * stretch) + 3;
  a.first = reserve((size_t)n, sizeof *a.first);
  a.count = reserve((size_t)n, sizeof *a.count);
  a.weight = reserve((size_t)n * (size_t)a.stride, sizeof *a.weight);
  for (i = 0; i < n; i++) {
    double centre = start + (i + 0.5) * step, sum = 0;
    double *w = a.weight + (size_t)i * (size_t)a.stride;
    int from = (int)floor(centre - 3 * stretch);
    int to = (int)ceil(centre + 3 * stretch);
    if (from < 0) from = 0;
    if (to > size) to = size;
    a.first[i] = from;
    a.count[i] = to - from;
    for (k = 0; k < to - from; k++)
      sum += w[k] = lanczos3((from + k + 0.5 - centre) / stretch);
    for (k = 0; k < to - from; k++) w[k] /= sum;
  }
  return a;
}


static void forget (struct axis *a) {
  free(a->first);
  free(a->count);
  free(a->weight);
}


static void down_row (double *out, const struct image *in,
                      const struct axis *a, int y) {
  size_t stride = (size_t)in->width * RGB, x;
  int k;
  memset(out, 0, stride * sizeof *out);
  for (k = 0; k < a->count[y]; k++) {
    double w = a->weight[(size_t)y * (size_t)a->stride + (size_t)k];
    const double *row = in->sample + (size_t)(a->first[y] + k) * stride;
    for (x = 0; x < stride; x++) out[x] += w * row[x];
  }
}


static void across_row (double *out, const double *in, const struct axis *a,
                        int n) {
  int i, k, c;
  for (i = 0; i < n; i++)
    for (c = 0; c < RGB; c++) {
      double sum = 0;
      for (k = 0; k < a->count[i]; k++)
        sum += a->weight[(size_t)i * (size_t)a->stride + (size_t)k] *
               in[(size_t)(a->first[i] + k) * RGB + (size_t)c];
      *out++ = sum < 0 ? 0 : sum > 255 ? 255 : sum;
    }
}


static struct image resample (const struct image *in, const double box[4],
                                int width, int height) {
  struct image out = blank(width, height);
  struct axis across = weigh(in->width, box[0], box[2], width);
  struct axis down = weigh(in->height, box[1], box[3], height);
  double *row = reserve((size_t)in->width * RGB, sizeof *row);
  int y;
  for (y = 0; y < height; y++) {
    down_row(row, in, &down, y);
    across_row(out.sample + (size_t)y * (size_t)width * RGB, row, &across,
               width);
  }
  free(row);
  forget(&across);
  forget(&down);
  return out;
}


static double psnr (const struct image *a, const struct image *b) {
  size_t i, n = (size_t)a->width * (size_t)a->height * RGB;
  double sum = 0;
  for (i = 0; i < n; i++) {
    double d = a->sample[i] - b->sample[i];
    sum += d * d;
  }
  return 10 * log10(255.0 * 255.0 * (double)n / sum);
}


static double luma (const struct image *p, int x, int y) {
  const double *s = p->sample +
                    ((size_t)y * (size_t)p->width + (size_t)x) * RGB;
  return 0.299 * s[0] + 0.587 * s[1] + 0.114 * s[2];
}


/* for one 8 x 8 window of the luma */
static double ssim_at (const struct image *a, const struct image *b,
                       int x0, int y0) {
  const double c1 = 6.5025, c2 = 58.5225;  /* (0.01 L)^2, (0.03 L)^2 */
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0, ma, mb, n = 64;
  int x, y;
  for (y = y0; y < y0 + 8; y++)
    for (x = x0; x < x0 + 8; x++) {
      double va = luma(a, x, y), vb = luma(b, x, y);
      sa += va, sb += vb, saa += va * va, sbb += vb * vb, sab += va * vb;
    }
  ma = sa / n, mb = sb / n;
  return (2 * ma * mb + c1) * (2 * (sab / n - ma * mb) + c2) /
         ((ma * ma + mb * mb + c1) *
          (saa / n - ma * ma + sbb / n - mb * mb + c2));
}


static double ssim (const struct image *a, const struct image *b) {
  double sum = 0;
  int x, y, n = 0;
  for (y = 0; y + 8 <= a->height; y += 4)
    for (x = 0; x + 8 <= a->width; x += 4, n++) sum += ssim_at(a, b, x, y);
  return sum / n;
}


int main (int argc, char **argv) {
  struct image photo, exact = {0, 0, NULL};
  double box[4];
  int i;
  if (argc < 7) fail("<photo> <x> <y> <width> <height> <made.png> ...",
                     "usage");
  photo = read_jpeg(argv[1]);
  for (i = 0; i < 4; i++) box[i] = strtod(argv[2 + i], NULL);
  for (i = 6; i < argc; i++) {
    struct image made = read_png(argv[i]);
    if (exact.sample == NULL)
      exact = resample(&photo, box, made.width, made.height);
    if (made.width != exact.width || made.height != exact.height)
      fail("has another size", argv[i]);
    printf("%.4f %.6f\n", psnr(&exact, &made), ssim(&exact, &made));
    free(made.sample);
  }
  free(photo.sample);
  free(exact.sample);
  return 0;
}
