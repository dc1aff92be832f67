/*
** bitstream.c: see bitstream.h
*/
#include "bitstream.h"

#define HEVC_SPS 33        /* types of units */
#define AV1_SEQUENCE 1
#define MOST_GOLOMB 31     /* leading zeros of a number of 32 bits */

struct bits {
  const uint8_t *p;
  size_t left;             /* bytes after the current one */
  int zeros;               /* bytes of 0 before the next one */
  unsigned byte;           /* the current one */
  int n;                   /* bits left in it */
  bool escaped;            /* HEVC: 0 0 3 stands for 0 0 */
  bool bad;
};


static void next_byte (struct bits *b) {
  if (b->escaped && b->zeros >= 2 && b->left > 0 && *b->p == 3) {
    b->p++;
    b->left--;
    b->zeros = 0;
  }
  if (b->left == 0) {
    b->bad = true;
    b->byte = 0;
  }
  else {
    b->byte = *b->p++;
    b->left--;
  }
  b->zeros = b->byte == 0 ? b->zeros + 1 : 0;
  b->n = 8;
}


static uint32_t get (struct bits *b, int count) {
  uint32_t v = 0;
  for (; count > 0 && !b->bad; count--) {
    if (b->n == 0) next_byte(b);
    v = v << 1 | (b->byte >> --b->n & 1);
  }
  return b->bad ? 0 : v;
}


static void skip (struct bits *b, int count) {
  for (; count > 0; count -= 32) get(b, count < 32 ? count : 32);
}


static uint32_t golomb (struct bits *b) {
  int zeros = 0;
  while (!b->bad && get(b, 1) == 0)
    if (++zeros > MOST_GOLOMB) b->bad = true;
  return b->bad ? 0 : (uint32_t)((UINT64_C(1) << zeros) - 1) + get(b, zeros);
}


static void found (struct novita_heif_bitstream *b, uint64_t width,
                   uint64_t height) {
  if (width == 0 || height == 0 || width > UINT16_MAX + 1u ||
      height > UINT16_MAX + 1u ||
      (b->width != 0 && (b->width != width || b->height != height)))
    b->bad = true;
  else {
    b->width = (uint32_t)width;
    b->height = (uint32_t)height;
  }
}


/* {====== HEVC ====== */
static void skip_profile (struct bits *b, int layers) {
  uint32_t present[8][2];
  int i;
  skip(b, 96);
  for (i = 0; i < layers; i++) {
    present[i][0] = get(b, 1);
    present[i][1] = get(b, 1);
  }
  if (layers > 0) skip(b, 2 * (8 - layers));
  for (i = 0; i < layers; i++)
    skip(b, (present[i][0] ? 88 : 0) + (present[i][1] ? 8 : 0));
}


/* the window that is shown: what is cut off in each direction */
static void read_window (struct bits *b, uint32_t chroma, uint64_t *width,
                         uint64_t *height) {
  uint64_t x = chroma == 1 || chroma == 2 ? 2 : 1, y = chroma == 1 ? 2 : 1;
  x *= (uint64_t)golomb(b) + golomb(b);
  y *= (uint64_t)golomb(b) + golomb(b);
  *width = x < *width ? *width - x : 0;
  *height = y < *height ? *height - y : 0;
}


static void read_sps (struct novita_heif_bitstream *out, const uint8_t *unit,
                      size_t len) {
  struct bits b = {unit, len, 0, 0, 0, true, false};
  uint32_t chroma;
  uint64_t width, height;
  int layers;
  skip(&b, 16 + 4);  /* the unit's header, the number of another set */
  layers = (int)get(&b, 3);
  skip(&b, 1);
  skip_profile(&b, layers);
  golomb(&b);
  chroma = golomb(&b);
  if (chroma == 3) skip(&b, 1);
  width = golomb(&b);
  height = golomb(&b);
  if (get(&b, 1)) read_window(&b, chroma, &width, &height);
  if (b.bad) out->bad = true;
  else found(out, width, height);
}


/* Units of other layers are ignored by decoders. */
static void read_unit (struct novita_heif_bitstream *out,
                       struct novita_heif_reader unit) {
  if (unit.bad || unit.left < 2) return;
  if ((unit.p[0] >> 1 & 63) != HEVC_SPS) return;
  if ((unit.p[0] & 1) == 0 && unit.p[1] >> 3 == 0)
    read_sps(out, unit.p, unit.left);
}


void novita_heif_bitstream_hevc_config (struct novita_heif_bitstream *b,
                                        struct novita_heif_reader config) {
  int lists, units;
  novita_heif_reader_skip(&config, 21);
  if ((novita_heif_reader_get(&config, 1) & 3) != 3) b->bad = true;
  lists = (int)novita_heif_reader_get(&config, 1);
  for (; lists > 0; lists--) {
    novita_heif_reader_skip(&config, 1);
    units = (int)novita_heif_reader_get(&config, 2);
    for (; units > 0 && !config.bad; units--)
      read_unit(b, novita_heif_reader_part(
        &config, novita_heif_reader_get(&config, 2)));
  }
  if (config.bad) b->bad = true;
}


void novita_heif_bitstream_hevc (struct novita_heif_bitstream *b,
                                 struct novita_heif_reader data) {
  while (data.left > 0 && !data.bad)
    read_unit(b, novita_heif_reader_part(&data,
                                         novita_heif_reader_get(&data, 4)));
  if (data.bad) b->bad = true;
}
/* }====== */


/* {====== AV1 ====== */
/* returns the bits of a buffer delay, or 0 without a decoder model */
static int skip_timing (struct bits *b) {
  int delay;
  skip(b, 64);
  if (get(b, 1)) golomb(b);
  if (!get(b, 1)) return 0;
  delay = (int)get(b, 5) + 1;
  skip(b, 32 + 5 + 5);
  return delay;
}


static void skip_points (struct bits *b) {
  int delay = get(b, 1) ? skip_timing(b) : 0;
  bool has_delay = get(b, 1) != 0;
  int points = (int)get(b, 5) + 1;
  for (; points > 0; points--) {
    skip(b, 12);
    if (get(b, 5) > 7) skip(b, 1);
    if (delay > 0 && get(b, 1)) skip(b, 2 * delay + 1);
    if (has_delay && get(b, 1)) skip(b, 4);
  }
}


static void read_sequence (struct novita_heif_bitstream *out,
                           struct novita_heif_reader unit) {
  struct bits b = {unit.p, unit.left, 0, 0, 0, false, false};
  int width_bits, height_bits;
  uint64_t width, height;
  skip(&b, 3 + 1);
  if (get(&b, 1)) skip(&b, 5);  /* a reduced header, for one image */
  else skip_points(&b);
  width_bits = (int)get(&b, 4) + 1;
  height_bits = (int)get(&b, 4) + 1;
  width = (uint64_t)get(&b, width_bits) + 1;
  height = (uint64_t)get(&b, height_bits) + 1;
  if (b.bad) out->bad = true;
  else found(out, width, height);
}


static uint64_t leb128 (struct novita_heif_reader *r) {
  uint64_t v = 0;
  int i;
  for (i = 0; i < 8; i++) {
    uint64_t byte = novita_heif_reader_get(r, 1);
    v |= (byte & 127) << (7 * i);
    if (byte < 128) return v;
  }
  r->bad = true;
  return 0;
}


void novita_heif_bitstream_av1 (struct novita_heif_bitstream *b,
                                struct novita_heif_reader data) {
  while (data.left > 0 && !data.bad) {
    unsigned header = (unsigned)novita_heif_reader_get(&data, 1);
    struct novita_heif_reader unit;
    if (header & 4) novita_heif_reader_skip(&data, 1);
    unit = novita_heif_reader_part(&data, header & 2 ? leb128(&data)
                                                     : data.left);
    if (!unit.bad && (header >> 3 & 15) == AV1_SEQUENCE)
      read_sequence(b, unit);
  }
  if (data.bad) b->bad = true;
}


void novita_heif_bitstream_av1_config (struct novita_heif_bitstream *b,
                                       struct novita_heif_reader config) {
  novita_heif_reader_skip(&config, 4);
  if (config.bad) b->bad = true;
  else novita_heif_bitstream_av1(b, config);
}
/* }====== */
