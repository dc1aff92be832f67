/*
** exif.c: see exif.h. A TIFF block is a byte order mark, 42, and the offset of
** a directory. A directory is a count, and entries of 12 bytes: tag, type,
** count and value. Every offset is checked against the size of the block.
*/
#include <string.h>

#include "../../base/endian.h"
#include "exif.h"

#define ORIENTATION 0x0112
#define SHORT 3
#define LONG 4
#define ENTRY_SIZE 12

struct tiff {
  const uint8_t *p;
  size_t len;
  bool little; /* byte order */
};


static unsigned get16 (const struct tiff *t, size_t at) {
  const uint8_t *p = t->p + at;
  return t->little ? novita_endian_little16(p) : novita_endian_big16(p);
}


static uint32_t get32 (const struct tiff *t, size_t at) {
  const uint8_t *p = t->p + at;
  return t->little ? novita_endian_little32(p) : novita_endian_big32(p);
}


/* the directory's offset, or 0 if this is not a TIFF block */
static size_t open_tiff (struct tiff *t) {
  size_t at;
  if (t->len < 8) return 0;
  if (memcmp(t->p, "II", 2) == 0) t->little = 1;
  else if (memcmp(t->p, "MM", 2) == 0) t->little = 0;
  else return 0;
  if (get16(t, 2) != 42) return 0;
  at = get32(t, 4);
  return at >= 8 && at <= t->len - 2 ? at : 0;
}


/* The standard says SHORT; some cameras write a LONG. */
static int entry_value (const struct tiff *t, size_t at) {
  uint32_t value;
  unsigned type = get16(t, at + 2);
  if (get16(t, at) != ORIENTATION || get32(t, at + 4) != 1) return 0;
  if (type != SHORT && type != LONG) return 0;
  value = type == LONG ? get32(t, at + 8) : get16(t, at + 8);
  return value >= 1 && value <= 8 ? (int)value : 0;
}


int novita_exif_orientation (const uint8_t *block, size_t len) {
  struct tiff t = {block, len, 0};
  size_t at;
  unsigned n;
  if (len >= 6 && memcmp(block, "Exif\0\0", 6) == 0) t.p += 6, t.len -= 6;
  at = open_tiff(&t);
  if (at == 0) return NOVITA_EXIF_UPRIGHT;
  n = get16(&t, at);
  for (at += 2; n > 0 && t.len - at >= ENTRY_SIZE; n--, at += ENTRY_SIZE) {
    int value = entry_value(&t, at);
    if (value != 0) return value;
  }
  return NOVITA_EXIF_UPRIGHT;
}


bool novita_exif_swaps_sides (int orientation) {
  return orientation >= 5;
}
