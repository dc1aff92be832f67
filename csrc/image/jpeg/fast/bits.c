/*
** bits.c: see bits.h
*/
#include "../../codec/jpeg_markers.h"
#include "bits.h"


void novita_bits_refill_slowly (struct novita_bit_reader *r) {
  /* keep whole bytes only */
  r->bits &= r->count == 0 ? 0 : ~(uint64_t)0 << (64 - r->count);
  while (r->count <= 48) {
    uint64_t byte = 0;
    if (r->p < r->end && *r->p != 0xff) byte = *r->p++;
    else if (r->end - r->p >= 2 && r->p[1] == 0) {
      byte = 0xff;
      r->p += 2;
    } else
      r->past += 8;
    r->bits |= byte << (56 - r->count);
    r->count += 8;
  }
}


/* the end of the bytes used: r->bits holds some of the bytes before r->p */
static const uint8_t *used_end (const struct novita_bit_reader *r,
                                const uint8_t *start, int unused) {
  const uint8_t *p = r->p;
  for (; unused > 0 && p > start; unused--)
    p -= p - start >= 2 && p[-1] == 0 && p[-2] == 0xff ? 2 : 1;
  return p;
}


bool novita_bits_at_end (const struct novita_bit_reader *r,
                         const uint8_t *start, bool is_last) {
  int unused = r->count - r->past, rest = unused % 8;
  const uint8_t *p;
  if (unused < 0) return false;
  if (rest > 0) return r->bits >> (64 - rest) == ((uint64_t)1 << rest) - 1;
  p = used_end(r, start, unused / 8);
  if (is_last && r->end - p <= 1) return true;
  return p - start >= 2 && (p[-1] != 0 || p[-2] != 0);
}


bool novita_bits_at_marker (const struct novita_bit_reader *r, int marker) {
  const uint8_t *p = r->p;
  /* unused whole bytes would come before the marker */
  if (r->past > r->count || r->count - r->past >= 8) return false;
  while (r->end - p >= 2 && p[0] == 0xff && p[1] == 0xff) p++;
  return r->end - p >= 2 && p[0] == 0xff && p[1] == marker;
}


int novita_bits_restart (struct novita_bit_reader *r, int n) {
  if (!novita_bits_at_marker(r, NOVITA_JPEG_RST0 + n)) return -1;
  while (*r->p == 0xff) r->p++;
  r->p++;
  r->bits = 0;
  r->count = r->past = 0;
  return 0;
}
