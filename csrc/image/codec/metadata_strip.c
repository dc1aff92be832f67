/*
** metadata_strip.c: see metadata_strip.h. Each format is a sequence of parts
** with a name and a length; only the parts on a list are copied.
*/
#include <string.h>

#include "../../base/endian.h"
#include "jpeg_markers.h"
#include "metadata_strip.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* a file being copied */
struct work {
  struct novita_buffer *out;
  enum novita_buffer_result state;
  const uint8_t *file;
  size_t size, at;
};


static void append (struct work *w, const void *bytes, size_t n) {
  if (w->state == NOVITA_BUFFER_OK)
    w->state = novita_buffer_append(w->out, bytes, n);
}


static size_t left (const struct work *w) {
  return w->size - w->at;
}


/* copies or skips the next 'n' bytes */
static void step (struct work *w, size_t n, bool keeps) {
  if (keeps) append(w, w->file + w->at, n);
  w->at += n;
}


static bool is_listed (const uint8_t *name, const char (*list)[5], size_t n) {
  size_t i;
  for (i = 0; i < n; i++)
    if (memcmp(name, list[i], 4) == 0) return true;
  return false;
}


/* {====== JPEG: 0xff, marker, length (including itself), data ====== */

/* JFIF (put_jfif omits its thumbnail); an ICC profile; Adobe's segment, which
** says what the channels are */
static bool is_kept (int marker, const uint8_t *data, size_t n) {
  if (marker == NOVITA_JPEG_APP0)
    return n >= 14 && memcmp(data, "JFIF", 5) == 0;
  if (marker == NOVITA_JPEG_APP2)
    return n >= 12 && memcmp(data, "ICC_PROFILE", 12) == 0;
  if (marker == NOVITA_JPEG_APP14)
    return n >= 5 && memcmp(data, "Adobe", 5) == 0;
  return marker != NOVITA_JPEG_COM &&
         (marker < NOVITA_JPEG_APP0 || marker > NOVITA_JPEG_APP15);
}


static void put_jfif (struct work *w, const uint8_t *data) {
  static const uint8_t start[] = {0xff, NOVITA_JPEG_APP0, 0, 16};
  static const uint8_t no_thumbnail[] = {0, 0};
  append(w, start, sizeof start);
  append(w, data, 12);
  append(w, no_thumbnail, sizeof no_thumbnail);
}


/* The coded pixels after the start of a scan, including restart markers. Fill
** bytes (more 0xff) may precede any marker. */
static void put_scan (struct work *w) {
  const uint8_t *p = w->file + w->at, *from = p, *end = w->file + w->size;
  while ((p = memchr(p, 0xff, (size_t)(end - p))) != NULL) {
    const uint8_t *code = p + 1;
    while (code < end && *code == 0xff) code++;
    if (code == end ||
        (*code != 0 && !novita_jpeg_markers_is_restart(*code))) break;
    p = code + 1;
  }
  if (p == NULL) p = end;
  step(w, (size_t)(p - from), true);
}


/* a marker with its data; false if it is truncated */
static bool put_segment (struct work *w, int marker) {
  const uint8_t *p = w->file + w->at;
  size_t n = left(w) >= 4 ? novita_endian_big16(p + 2) : 0;
  if (n < 2 || n + 2 > left(w)) return false;
  if (marker == NOVITA_JPEG_APP0 && is_kept(marker, p + 4, n - 2)) {
    put_jfif(w, p + 4);
    step(w, n + 2, false);
  } else
    step(w, n + 2, is_kept(marker, p + 4, n - 2));
  if (marker == NOVITA_JPEG_SOS) put_scan(w);
  return true;
}


/* There may be fill bytes between segments: drops everything that is not a
** marker. */
static bool strip_jpeg (struct work *w) {
  while (left(w) >= 2) {
    int marker = w->file[w->at + 1];
    if (w->file[w->at] != 0xff || marker == 0xff || marker == 0) {
      step(w, 1, false);
      continue;
    }
    if (marker == NOVITA_JPEG_EOI || novita_jpeg_markers_stands_alone(marker))
      step(w, 2, true);
    else if (!put_segment(w, marker)) return false;
    if (marker == NOVITA_JPEG_EOI) return true;
  }
  return false;
}
/* }====== */


/* {====== PNG: length, name, data, checksum ====== */
static bool strip_png (struct work *w) {
  static const char kept[][5] = {
    "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cICP", "iCCP", "sRGB", "gAMA",
    "cHRM", "sBIT"
  };
  step(w, 8, true);
  while (left(w) >= 12) {
    const uint8_t *p = w->file + w->at;
    size_t n = novita_endian_big32(p);
    if (n > left(w) - 12) return false;
    step(w, n + 12, is_listed(p + 4, kept, COUNT(kept)));
    if (memcmp(p + 4, "IEND", 4) == 0) return true;
  }
  return false;
}
/* }====== */


/* {====== WebP: name, length, data, padding to even length ====== */
#define HAS_EXIF 8   /* in the first byte of VP8X */
#define HAS_XMP 4

static bool strip_webp (struct work *w) {
  static const char kept[][5] = {"VP8X", "VP8 ", "VP8L", "ALPH", "ICCP"};
  size_t start = w->out->len, n;
  uint8_t length[4];
  int i;
  if (w->size < 12) return false;
  n = novita_endian_little32(w->file + 4);
  if (n > w->size - 8) return false;
  w->size = n + 8;
  step(w, 12, true);
  while (left(w) >= 8) {
    n = novita_endian_little32(w->file + w->at + 4);
    if (n > left(w) - 8) return false;
    n += 8 + (n & 1);
    if (n > left(w)) n = left(w);
    step(w, n, is_listed(w->file + w->at, kept, COUNT(kept)));
  }
  if (w->state != NOVITA_BUFFER_OK) return true;
  n = w->out->len - start - 8;
  for (i = 0; i < 4; i++) length[i] = (uint8_t)(n >> (8 * i));
  memcpy(w->out->data + start + 4, length, sizeof length);
  if (n >= 22 && memcmp(w->out->data + start + 12, "VP8X", 4) == 0)
    w->out->data[start + 20] &= ~(HAS_EXIF | HAS_XMP);
  return true;
}
/* }====== */


enum novita_buffer_result novita_metadata_strip (struct novita_buffer *out,
                                                 enum novita_format format,
                                                 const uint8_t *file,
                                                 size_t size, bool *valid) {
  struct work w = {out, NOVITA_BUFFER_OK, file, size, 0};
  if (format == NOVITA_FORMAT_JPEG) *valid = strip_jpeg(&w);
  else *valid = format == NOVITA_FORMAT_PNG ? strip_png(&w) : strip_webp(&w);
  return w.state;
}
