/*
** light.c: see light.h
*/
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "light.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct novita_light tables;


/* IEC 61966-2-1 */
static double to_linear (double v) {
  return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}


static double to_srgb (double v) {
  return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1.0 / 2.4) - 0.055;
}


static void make_tables (void) {
  int i, k;
  for (i = 0; i < 256; i++) {
    tables.word[i] = (int16_t)lrint(to_linear(i / 255.0) * NOVITA_ONE);
    for (k = 0; k < NOVITA_GROUP; k++) {
      int16_t four[NOVITA_GROUP] = {0};
      four[k] = tables.word[i];
      memcpy(&tables.place[k][i], four, sizeof four);
    }
  }
  for (i = 0; i <= NOVITA_ONE; i++)
    tables.code[i] = (uint8_t)lrint(to_srgb(i / (double)NOVITA_ONE) * 255.0);
}


const struct novita_light *novita_light (void) {
  pthread_once(&once, make_tables);
  return &tables;
}


/* four words in one store */
static void gather_plain (const struct novita_light *t, int16_t *group,
                          const uint8_t *const row[NOVITA_GROUP], size_t n) {
  const uint8_t *a = row[0], *b = row[1], *c = row[2], *d = row[3];
  size_t x;
  for (x = 0; x < n; x++, group += NOVITA_GROUP) {
    uint64_t four = t->place[0][a[x]] | t->place[1][b[x]] |
                    t->place[2][c[x]] | t->place[3][d[x]];
    memcpy(group, &four, sizeof four);
  }
}


static void gather_alpha (const struct novita_light *t, int16_t *group,
                          const uint8_t *row, size_t n, const int channels) {
  const int colours = channels - 1;
  size_t x;
  int ch;
  for (x = 0; x < n; x += (size_t)channels, row += channels) {
    int a = row[colours];
    for (ch = 0; ch < colours; ch++, group += NOVITA_GROUP)
      *group = (int16_t)((t->word[row[ch]] * a + 127) / 255);
    *group = (int16_t)(a << NOVITA_FRACTION);
    group += NOVITA_GROUP;
  }
}


void novita_light_gather (const struct novita_light *t, int16_t *group,
                          const uint8_t *const row[NOVITA_GROUP], size_t n,
                          int alpha) {
  int k;
  if (alpha == 0) {
    gather_plain(t, group, row, n);
    return;
  }
  for (k = 0; k < NOVITA_GROUP; k++) {
    if (alpha == 4) gather_alpha(t, group + k, row[k], n, 4);
    else gather_alpha(t, group + k, row[k], n, 2);
  }
}


static uint8_t to_code (const struct novita_light *t, int v) {
  if (v < 0) v = 0;
  if (v > NOVITA_ONE) v = NOVITA_ONE;
  if (t != NULL) return t->code[v];
  return (uint8_t)((v + (1 << NOVITA_FRACTION >> 1)) >> NOVITA_FRACTION);
}


/* Divides by alpha with one division a pixel: 'inverse' is NOVITA_ONE / a with
** 16 bits behind the point. */
static void narrow_pixel (const struct novita_light *t, uint8_t *out,
                          const int16_t *in, const int colours) {
  int ch, a = in[colours];
  out[colours] = to_code(NULL, a);
  if (a <= 0) {
    memset(out, 0, (size_t)colours);
  } else if (a == NOVITA_ONE) {
    for (ch = 0; ch < colours; ch++) out[ch] = to_code(t, in[ch]);
  } else {
    int64_t inverse = ((uint32_t)NOVITA_ONE << 16) / (uint32_t)a;
    for (ch = 0; ch < colours; ch++) {
      int64_t v = (in[ch] * inverse + 32768) >> 16;
      out[ch] = to_code(t, v > NOVITA_ONE ? NOVITA_ONE : (int)v);
    }
  }
}


void novita_light_narrow (const struct novita_light *t, uint8_t *out,
                          const int16_t *in, size_t n, int alpha) {
  size_t i, step = (size_t)alpha;
  if (alpha == 0) {
    for (i = 0; i < n; i++) out[i] = to_code(t, in[i]);
  } else if (alpha == 4) {
    for (i = 0; i < n; i += step) narrow_pixel(t, out + i, in + i, 3);
  } else {
    for (i = 0; i < n; i += step) narrow_pixel(t, out + i, in + i, 1);
  }
}
