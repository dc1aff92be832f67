/*
** kernels_vector.h: the inner loops with registers of LANES floats, included by
** the file of each instruction set, which defines:
**
**   LANES, vector         floats of a register, and its type
**   PIXELS                pixels whose sums are kept in registers together
**   INLINE, OUTER         how a function of this instruction set is declared
**   load, store, all, zero, multiply_add (a * b + c), times, larger
**
** A block of 16 outputs takes REGISTERS registers for each of PIXELS pixels.
*/
#include "kernels.h"

#define BLOCK NOVITA_FACES_BLOCK
#define REGISTERS (BLOCK / LANES)


INLINE vector leak (vector v) {
  return larger(v, times(v, all(NOVITA_FACES_LEAK)));
}


INLINE void store_sums (const struct novita_faces_sums *s, float *out,
                        const vector *sum) {
  int r;
  NOVITA_UNROLL
  for (r = 0; r < REGISTERS; r++)
    store(out + r * LANES, s->leaky ? leak(sum[r]) : sum[r]);
}


/* one input of each pixel, times its 16 weights */
INLINE void add_input (vector *sum, const float *in, size_t step,
                       const float *mix, const int pixels) {
  vector weight[REGISTERS];
  int p, r;
  NOVITA_UNROLL
  for (r = 0; r < REGISTERS; r++) weight[r] = load(mix + r * LANES);
  NOVITA_UNROLL
  for (p = 0; p < pixels; p++, sum += REGISTERS) {
    vector v = all(in[(size_t)p * step]);
    NOVITA_UNROLL
    for (r = 0; r < REGISTERS; r++)
      sum[r] = multiply_add(v, weight[r], sum[r]);
  }
}


/* 'pixels' is a constant in every call, so that the sums stay in registers */
INLINE void block_sums (const struct novita_faces_sums *s, const float *in,
                        float *out, const int pixels) {
  vector sum[PIXELS * REGISTERS];
  const float *mix = s->mix;
  int row, i, p;
  NOVITA_UNROLL
  for (i = 0; i < pixels * REGISTERS; i++)
    sum[i] = load(s->bias + i % REGISTERS * LANES);
  for (row = 0; row < s->rows; row++, in += s->row_step)
    for (i = 0; i < s->length; i++, mix += BLOCK)
      add_input(sum, in + i, s->in_step, mix, pixels);
  NOVITA_UNROLL
  for (p = 0; p < pixels; p++)
    store_sums(s, out + (size_t)p * s->out_step, sum + p * REGISTERS);
}


OUTER void sums (const struct novita_faces_sums *s) {
  const float *in = s->in;
  float *out = s->out;
  int left = s->n;
  for (; left >= PIXELS; left -= PIXELS) {
    block_sums(s, in, out, PIXELS);
    in += PIXELS * s->in_step;
    out += PIXELS * s->out_step;
  }
  for (; left >= 2; left -= 2) {
    block_sums(s, in, out, 2);
    in += 2 * s->in_step;
    out += 2 * s->out_step;
  }
  if (left > 0) block_sums(s, in, out, 1);
}


/* one register of channels along a row: nine weights stay in registers */
INLINE void filter_channels (float *out, const float *const row[3],
                             const float *filter, int n, size_t channels) {
  vector weight[NOVITA_FACES_TAPS];
  size_t at;
  int x, k;
  NOVITA_UNROLL
  for (k = 0; k < NOVITA_FACES_TAPS; k++)
    weight[k] = load(filter + (size_t)k * channels);
  for (x = 0, at = 0; x < n; x++, at += channels) {
    vector sum = zero();
    NOVITA_UNROLL
    for (k = 0; k < NOVITA_FACES_TAPS; k++)
      sum = multiply_add(load(row[k / 3] + at + (size_t)(k % 3) * channels),
                         weight[k], sum);
    store(out + at, sum);
  }
}


OUTER void depthwise (float *out, const float *const row[3],
                      const float *filter, int n, int channels) {
  int ch;
  for (ch = 0; ch < channels; ch += LANES) {
    const float *const from[3] = {row[0] + ch, row[1] + ch, row[2] + ch};
    filter_channels(out + ch, from, filter + ch, n, (size_t)channels);
  }
}


OUTER void pool (float *out, const float *const in[4], int n, int step,
                 int channels) {
  int x, ch;
  for (x = 0; x < n; x++) {
    size_t at = (size_t)x * (size_t)step * (size_t)channels;
    for (ch = 0; ch < channels; ch += LANES, at += LANES, out += LANES)
      store(out, larger(larger(load(in[0] + at), load(in[1] + at)),
                        larger(load(in[2] + at), load(in[3] + at))));
  }
}
