/*
** profile_png.c: what a PNG says about its colours. Only chunks before the
** pixels count, as the specification requires.
*/
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "../../base/endian.h"
#include "../codec/chunks.h"
#include "h273.h"
#include "profile.h"

#define LONGEST_NAME 79    /* of a profile */
#define FIRST_PIECE 65536  /* most profiles are smaller */

struct chunks { const uint8_t *file; size_t size; };  /* up to the pixels */

static const double d65[2] = {0.3127, 0.3290};
static const double srgb[3][2] = {{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}};


static const uint8_t *chunk (const struct chunks *w, const char *name,
                             size_t *len) {
  return novita_chunks_find_png(w->file, w->size, name, len);
}


static void set_numbers (struct novita_profile *p, const double white[2],
                         const double primaries[3][2], double gamma) {
  p->kind = NOVITA_PROFILE_NUMBERS;
  memcpy(p->white, white, sizeof p->white);
  memcpy(p->primaries, primaries, sizeof p->primaries);
  p->gamma = gamma;
}


/* primaries, curve, matrix, full range; unknown values are left to the other
** chunks */
static bool is_cicp (const struct chunks *w, struct novita_profile *p) {
  size_t len;
  const uint8_t *c = chunk(w, "cICP", &len);
  if (c == NULL || len != 4 || c[2] != 0 || c[3] != 1) return false;
  if (c[0] == NOVITA_H273_UNSPECIFIED || c[1] == NOVITA_H273_UNSPECIFIED)
    return false;
  return novita_h273_read(p, c[0], c[1]);
}


/* 1 with more room, keeping the contents, or 0 at the limit */
static int grow (struct novita_profile *p, size_t *room,
                 struct novita_error *e) {
  uint8_t *larger;
  size_t wanted = *room == 0 ? FIRST_PIECE : *room * 2;
  if (*room >= NOVITA_PROFILE_MAX_BYTES) return 0;
  larger = realloc(p->icc, wanted);
  if (larger == NULL) return novita_error_set_memory(e);
  p->icc = larger;
  *room = wanted;
  return 1;
}


/* The buffer is doubled, up to the limit: a few bytes can inflate to megabytes.
** 1 = complete, 0 = broken, -1 = out of memory. */
static int inflate_all (struct novita_profile *p, z_stream *z,
                        struct novita_error *e) {
  size_t room = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (p->len == room) {
      int more = grow(p, &room, e);
      if (more <= 0) return more;
    }
    z->next_out = p->icc + p->len;
    z->avail_out = (uInt)(room - p->len);
    status = inflate(z, Z_NO_FLUSH);
    p->len = room - z->avail_out;
    if (status == Z_BUF_ERROR && z->avail_in > 0) status = Z_OK;
  }
  return status == Z_STREAM_END && p->len > 0;
}


/* a name, a zero, the method (0), a zlib stream */
static int read_iccp (struct novita_profile *p, const uint8_t *data,
                      size_t len, struct novita_error *e) {
  z_stream z;
  size_t most = len < LONGEST_NAME + 1 ? len : LONGEST_NAME + 1;
  const uint8_t *end = memchr(data, 0, most);
  int r;
  p->kind = NOVITA_PROFILE_BROKEN;
  if (end == NULL || data + len - end < 3 || end[1] != 0) return 0;
  memset(&z, 0, sizeof z);
  z.avail_in = (uInt)(data + len - end - 2);
  z.next_in = (z_const Bytef *)(uintptr_t)(end + 2);
  if (inflateInit(&z) != Z_OK) return novita_error_set_memory(e);
  r = inflate_all(p, &z, e);
  inflateEnd(&z);
  if (r < 0) return -1;
  if (r == 1) p->kind = NOVITA_PROFILE_ICC;
  return 0;
}


/* white, red, green, blue: x and y in 1/100,000 */
static bool read_chrm (const struct chunks *w, double white[2],
                       double primaries[3][2]) {
  size_t len;
  const uint8_t *c = chunk(w, "cHRM", &len);
  int i;
  if (c == NULL || len != 32) return false;
  white[0] = novita_endian_big32(c) / 1e5;
  white[1] = novita_endian_big32(c + 4) / 1e5;
  for (i = 0; i < 6; i++)
    primaries[i / 2][i % 2] = novita_endian_big32(c + 8 + i * 4) / 1e5;
  return true;
}


static bool is_near (const double a[2], const double b[2]) {
  return fabs(a[0] - b[0]) < 0.005 && fabs(a[1] - b[1]) < 0.005;
}


static bool are_of_srgb (const double white[2], const double primaries[3][2]) {
  return is_near(white, d65) && is_near(primaries[0], srgb[0]) &&
         is_near(primaries[1], srgb[1]) && is_near(primaries[2], srgb[2]);
}


/* gAMA holds 100,000 times the encoding exponent: for sRGB about 45,455,
** according to the specification. */
static void read_numbers (const struct chunks *w, struct novita_profile *p) {
  size_t len;
  const uint8_t *g = chunk(w, "gAMA", &len);
  double gamma = 0, white[2], primaries[3][2];
  int has_primaries = read_chrm(w, white, primaries);
  if (g == NULL && !has_primaries) return;
  p->kind = NOVITA_PROFILE_BROKEN;
  if (g != NULL && len == 4) {
    uint32_t v = novita_endian_big32(g);
    if (v < 10000 || v > 1000000) return;
    gamma = v >= 45000 && v <= 46000 ? 0 : 1e5 / v;
  }
  if (!has_primaries) {
    memcpy(white, d65, sizeof white);
    memcpy(primaries, srgb, sizeof primaries);
  }
  if (gamma == 0 && are_of_srgb(white, (const double (*)[2])primaries))
    p->kind = NOVITA_PROFILE_SRGB;
  else set_numbers(p, white, (const double (*)[2])primaries, gamma);
}


int novita_profile_png (struct novita_profile *p, const uint8_t *file,
                        size_t size, struct novita_error *e) {
  struct chunks w = {file, size};
  size_t len;
  const uint8_t *data = chunk(&w, "IDAT", &len);
  if (data != NULL) w.size = (size_t)(data - file);
  if (is_cicp(&w, p)) return 0;
  data = chunk(&w, "iCCP", &len);
  if (data != NULL) return read_iccp(p, data, len, e);
  if (chunk(&w, "sRGB", &len) != NULL) p->kind = NOVITA_PROFILE_SRGB;
  else read_numbers(&w, p);
  return 0;
}
