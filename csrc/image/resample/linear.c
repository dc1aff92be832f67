/*
** linear.c: see linear.h
*/
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "../colour/srgb_curve.h"
#include "linear.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct novita_linear tables;


/* one of four words in a 64-bit number, in memory order */
static void put (uint64_t *four, int k, int16_t v) {
  int16_t word[NOVITA_GROUP] = {0};
  word[k] = v;
  memcpy(four, word, sizeof word);
}


static void make_tables (void) {
  int i, k;
  for (i = 0; i < 256; i++) {
    double exact = novita_srgb_curve_decode(i / 255.0);
    int16_t linear = (int16_t)lrint(exact * NOVITA_ONE);
    for (k = 0; k < NOVITA_GROUP; k++) {
      put(&tables.linear[k][i], k, linear);
      put(&tables.alpha[k][i], k, (int16_t)(i << NOVITA_FRACTION));
    }
  }
  for (i = 0; i <= NOVITA_ONE; i++) {
    double sample = novita_srgb_curve_encode(i / (double)NOVITA_ONE);
    tables.code[i] = (uint8_t)lrint(sample * 255.0);
  }
}


const struct novita_linear *novita_linear (void) {
  pthread_once(&once, make_tables);
  return &tables;
}


/* looks up column 'x' of four rows in one table; one store */
static inline void look_up (const uint64_t table[NOVITA_GROUP][256],
                            int16_t *group,
                            const uint8_t *const row[NOVITA_GROUP], size_t x) {
  uint64_t four = table[0][row[0][x]] | table[1][row[1][x]] |
                  table[2][row[2][x]] | table[3][row[3][x]];
  memcpy(group + x * NOVITA_GROUP, &four, sizeof four);
}


/* 'channels' is a constant in every call: the compiler makes a loop for each */
static inline void look_up_alpha (const struct novita_linear *t, int16_t *group,
                                  const uint8_t *const row[NOVITA_GROUP],
                                  size_t n, const size_t channels) {
  size_t x, ch;
  for (x = 0; x < n; x += channels) {
    for (ch = 0; ch < channels - 1; ch++)
      look_up(t->linear, group, row, x + ch);
    look_up(t->alpha, group, row, x + ch);
  }
}


void novita_linear_gather (const struct novita_linear *t, int16_t *group,
                           const uint8_t *const row[NOVITA_GROUP], size_t n,
                           int alpha) {
  const uint8_t *const four[NOVITA_GROUP] = {row[0], row[1], row[2], row[3]};
  size_t x;
  if (alpha == 0)
    for (x = 0; x < n; x++) look_up(t->linear, group, four, x);
  else if (alpha == 2) look_up_alpha(t, group, four, n, 2);
  else look_up_alpha(t, group, four, n, 4);
}


static int clamp (int v) {
  return v < 0 ? 0 : v > NOVITA_ONE ? NOVITA_ONE : v;
}


static uint8_t round_alpha (int v) {
  return (uint8_t)((clamp(v) + (1 << NOVITA_FRACTION >> 1)) >>
                   NOVITA_FRACTION);
}


static uint8_t to_code (const struct novita_linear *t, int v) {
  return t->code[clamp(v)];
}


/* 'channels' is a constant in every call, as above */
static inline void narrow_alpha (const struct novita_linear *t, uint8_t *out,
                                 const int16_t *in, size_t n,
                                 const size_t channels) {
  size_t x, ch;
  for (x = 0; x < n; x += channels) {
    for (ch = 0; ch < channels - 1; ch++)
      out[x + ch] = to_code(t, in[x + ch]);
    out[x + ch] = round_alpha(in[x + ch]);
  }
}


void novita_linear_narrow (const struct novita_linear *t, uint8_t *out,
                           const int16_t *in, size_t n, int alpha) {
  size_t x;
  if (alpha == 0)
    for (x = 0; x < n; x++) out[x] = to_code(t, in[x]);
  else if (alpha == 2) narrow_alpha(t, out, in, n, 2);
  else narrow_alpha(t, out, in, n, 4);
}


static int linear_of (const struct novita_linear *t, uint8_t code) {
  int16_t word[NOVITA_GROUP];
  memcpy(word, &t->linear[0][code], sizeof word);
  return word[0];
}


void novita_linear_composite (const struct novita_linear *t, uint8_t *rgb,
                              const uint8_t *row, int n, int channels,
                              const uint8_t background[3]) {
  int ch, back[3], colours = channels - 1;
  for (ch = 0; ch < 3; ch++) back[ch] = linear_of(t, background[ch]);
  for (; n > 0; n--, rgb += 3, row += channels) {
    int a = row[colours];
    for (ch = 0; ch < 3; ch++) {
      int front = linear_of(t, row[colours == 3 ? ch : 0]);
      rgb[ch] = to_code(t, (front * a + back[ch] * (255 - a) + 127) / 255);
    }
  }
}
