/*
** kernels_scalar.c: the inner loops in plain C, which every other table must
** match (see kernels.h). The order of the additions is the same in all tables.
*/
#include "kernels.h"

#define BLOCK NOVITA_FACES_BLOCK


static void pixel_sums (const struct novita_faces_sums *s, const float *in,
                        float *out) {
  const float *mix = s->mix;
  float sum[BLOCK];
  int row, i, o;
  for (o = 0; o < BLOCK; o++) sum[o] = s->bias[o];
  for (row = 0; row < s->rows; row++, in += s->row_step)
    for (i = 0; i < s->length; i++, mix += BLOCK)
      for (o = 0; o < BLOCK; o++) sum[o] += in[i] * mix[o];
  for (o = 0; o < BLOCK; o++)
    out[o] = s->leaky && sum[o] < 0 ? sum[o] * NOVITA_FACES_LEAK : sum[o];
}


static void sums (const struct novita_faces_sums *s) {
  int i;
  for (i = 0; i < s->n; i++)
    pixel_sums(s, s->in + (size_t)i * s->in_step,
               s->out + (size_t)i * s->out_step);
}


static void depthwise (float *out, const float *const row[3],
                       const float *filter, int n, int channels) {
  int x, ch, y, k;
  for (x = 0; x < n; x++)
    for (ch = 0; ch < channels; ch++) {
      float sum = 0;
      for (y = 0; y < 3; y++)
        for (k = 0; k < 3; k++)
          sum += row[y][(x + k) * channels + ch] *
                 filter[(3 * y + k) * channels + ch];
      *out++ = sum;
    }
}


static float larger (float a, float b) {
  return a > b ? a : b;
}


static void pool (float *out, const float *const in[4], int n, int step,
                  int channels) {
  int x, ch;
  for (x = 0; x < n; x++)
    for (ch = 0; ch < channels; ch++) {
      int i = x * step * channels + ch;
      *out++ = larger(larger(in[0][i], in[1][i]), larger(in[2][i], in[3][i]));
    }
}


const struct novita_faces_kernels novita_faces_kernels_scalar = {
  "scalar", sums, depthwise, pool
};
