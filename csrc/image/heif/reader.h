/*
** reader.h: reads big-endian numbers and boxes from memory. A read past the end
** gives 0 and sets 'bad', so that it is enough to check once.
*/
#ifndef novita_image_heif_reader_h
#define novita_image_heif_reader_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct novita_heif_reader {
  const uint8_t *p;
  size_t left;
  bool bad;
};

/* a box of an ISO file; 'body' ends where the box ends */
struct novita_heif_box {
  uint32_t type;
  struct novita_heif_reader body;
};

#define NOVITA_HEIF_TYPE(a, b, c, d) \
  ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | \
   (uint32_t)(d))


static inline const uint8_t *novita_heif_reader_skip (
  struct novita_heif_reader *r, uint64_t n) {
  const uint8_t *p = r->p;
  if (n > r->left) {
    r->bad = true;
    n = r->left;
  }
  r->p += n;
  r->left -= (size_t)n;
  return p;
}


/* a number of 0 to 8 bytes */
static inline uint64_t novita_heif_reader_get (struct novita_heif_reader *r,
                                               int bytes) {
  uint64_t v = 0;
  const uint8_t *p = novita_heif_reader_skip(r, (uint64_t)bytes);
  if (r->bad) return 0;
  while (bytes-- > 0) v = v << 8 | *p++;
  return v;
}


/* the next 'n' bytes as a reader */
static inline struct novita_heif_reader novita_heif_reader_part (
  struct novita_heif_reader *r, uint64_t n) {
  struct novita_heif_reader part = {NULL, 0, false};
  part.p = novita_heif_reader_skip(r, n);
  if (r->bad) part.bad = true;
  else part.left = (size_t)n;
  return part;
}


/* the next box; false at the end or if it is not inside its parent */
static inline bool novita_heif_reader_box (struct novita_heif_reader *r,
                                           struct novita_heif_box *box) {
  uint64_t size, header = 8;
  if (r->left == 0 || r->bad) return false;
  size = novita_heif_reader_get(r, 4);
  box->type = (uint32_t)novita_heif_reader_get(r, 4);
  if (size == 1) {
    size = novita_heif_reader_get(r, 8);
    header = 16;
  }
  else if (size == 0) size = header + r->left;  /* until the end */
  if (size < header) r->bad = true;
  if (!r->bad) box->body = novita_heif_reader_part(r, size - header);
  return !r->bad;
}

#endif
