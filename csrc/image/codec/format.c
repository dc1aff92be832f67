/*
** format.c: see format.h. Formats that cannot be read are recognised too, so
** that the error can name the format and say what to do.
*/
#include <stdbool.h>
#include <string.h>

#include "../../base/endian.h"
#include "format.h"

struct magic {
  size_t at;
  size_t len;
  const char *bytes;
  const char *what;  /* completes "is ..." */
  bool image;        /* a photo or drawing, which can be exported as a JPEG */
};

static const struct magic readable[] = {
  {0, 3, "\xff\xd8\xff", "a JPEG", true},
  {0, 8, "\x89PNG\r\n\x1a\n", "a PNG", true},
  {8, 4, "WEBP", "a WebP", true}
};

static const struct magic foreign[] = {
  {4, 8, "ftypcrx ", "a raw camera image", true},
  {4, 4, "ftyp", "a video", false},
  {4, 4, "moov", "a video", false},  /* older films of cameras and phones */
  {4, 4, "mdat", "a video", false},
  {4, 4, "wide", "a video", false},
  {8, 4, "AVI ", "a video", false},
  {0, 4, "GIF8", "a GIF image", true},
  {0, 4, "II*\0", "a TIFF or raw camera image", true},
  {0, 4, "MM\0*", "a TIFF or raw camera image", true},
  {0, 4, "II+\0", "a TIFF image", true},
  {0, 4, "IIU\0", "a raw camera image", true},
  {0, 4, "IIRO", "a raw camera image", true},
  {0, 8, "FUJIFILM", "a raw camera image", true},
  {0, 2, "BM", "a BMP image", true},
  {0, 4, "8BPS", "a Photoshop file", true},
  {0, 2, "\xff\x0a", "a JPEG XL image", true},
  {0, 8, "\0\0\0\x0cJXL ", "a JPEG XL image", true},
  {0, 8, "\0\0\0\x0cjP  ", "a JPEG 2000 image", true},
  {0, 5, "%PDF-", "a PDF document", false},
  {0, 4, "PK\3\4", "a ZIP archive or office document", false},
  {0, 2, "\x1f\x8b", "a gzip archive", false},
  {0, 4, "\x1a\x45\xdf\xa3", "a video", false},
  {0, 4, "<svg", "an SVG drawing", true},
  {0, 5, "<?xml", "an XML or SVG file", false},
  {0, 9, "<!DOCTYPE", "a web page", false},
  {0, 9, "<!doctype", "a web page", false},
  {0, 5, "<html", "a web page", false}
};

#define COUNT(a) (sizeof (a) / sizeof *(a))


const char *novita_format_name (enum novita_format format) {
  static const char *const names[] = {"jpeg", "png", "webp", "heic", "avif"};
  return names[format];
}


const char *novita_format_title (enum novita_format format) {
  if (format == NOVITA_FORMAT_HEIC) return "a HEIC photo";
  if (format == NOVITA_FORMAT_AVIF) return "an AVIF image";
  return readable[format].what;
}


static bool matches (const struct magic *m, const unsigned char *bytes,
                     size_t len) {
  return len >= m->at + m->len && memcmp(bytes + m->at, m->bytes, m->len) == 0;
}


static bool looks_like_text (const unsigned char *bytes, size_t len) {
  size_t i, n = len < 512 ? len : 512;
  for (i = 0; i < n; i++) {
    unsigned char c = bytes[i];
    if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\r' && c != '\t'))
      return false;
  }
  return true;
}


/* the file is cut off within the signature of a format */
static bool is_cut_magic (const unsigned char *bytes, size_t len) {
  return (len < 3 && memcmp(bytes, "\xff\xd8\xff", len) == 0) ||
         (len < 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", len) == 0);
}


static const struct magic *foreign_of (const unsigned char *bytes,
                                       size_t len) {
  size_t i;
  for (i = 0; i < COUNT(foreign); i++)
    if (matches(&foreign[i], bytes, len)) return &foreign[i];
  return NULL;
}


const char *novita_format_describe (const unsigned char *bytes, size_t len,
                                    bool *image) {
  const struct magic *m = foreign_of(bytes, len);
  *image = m != NULL && m->image;
  if (m != NULL) return m->what;
  return looks_like_text(bytes, len) ? "text" : "unknown data";
}


static int refuse (const unsigned char *bytes, size_t len,
                   struct novita_error *e) {
  bool image;
  const char *what = novita_format_describe(bytes, len, &image);
  if (len == 0)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "not_an_image",
                            "is empty: copy the file again");
  if (is_cut_magic(bytes, len))
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "truncated",
                            "is cut off after %zu bytes: copy the file again",
                            len);
  if (foreign_of(bytes, len) != NULL)
    return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                            "is %s: export it as JPEG, PNG or WebP", what);
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "not_an_image",
                          "is %s, not an image: give a JPEG, PNG or WebP file",
                          what);
}


/* {====== HEIF: HEIC and AVIF ======
** The file type box has the major brand, a version and compatible brands. */
#define MAJOR_BRAND 8
#define COMPATIBLE_BRANDS 16
#define MOST_BRANDS 64

static int format_of_brand (const unsigned char *brand) {
  if (memcmp(brand, "avif", 4) == 0 || memcmp(brand, "avis", 4) == 0)
    return NOVITA_FORMAT_AVIF;
  /* heic, heix, heim, heis, hevc, hevx, hevm, hevs */
  if (memcmp(brand, "hei", 3) == 0 || memcmp(brand, "hev", 3) == 0)
    return NOVITA_FORMAT_HEIC;
  return -1;
}


/* brands of any codec */
static bool is_general (const unsigned char *brand) {
  return memcmp(brand, "mif1", 4) == 0 || memcmp(brand, "msf1", 4) == 0 ||
         memcmp(brand, "mif2", 4) == 0;
}


static int sniff_heif (const unsigned char *bytes, size_t len) {
  size_t at, end;
  int format;
  if (len < MAJOR_BRAND + 4 || memcmp(bytes + 4, "ftyp", 4) != 0) return -1;
  format = format_of_brand(bytes + MAJOR_BRAND);
  if (format >= 0 || !is_general(bytes + MAJOR_BRAND)) return format;
  end = novita_endian_big16(bytes + 2);  /* of a box: never longer */
  if (end > len) end = len;
  if (end > COMPATIBLE_BRANDS + 4 * MOST_BRANDS)
    end = COMPATIBLE_BRANDS + 4 * MOST_BRANDS;
  for (at = COMPATIBLE_BRANDS; at + 4 <= end; at += 4)
    if (format_of_brand(bytes + at) >= 0) return format_of_brand(bytes + at);
  return NOVITA_FORMAT_HEIC;
}
/* }====== */


int novita_format_sniff (const unsigned char *bytes, size_t len,
                         struct novita_error *e) {
  size_t i;
  int format = sniff_heif(bytes, len);
  if (format >= 0) return format;
  for (i = 0; i < COUNT(readable); i++)
    if (matches(&readable[i], bytes, len) &&
        (i != NOVITA_FORMAT_WEBP || memcmp(bytes, "RIFF", 4) == 0))
      return (int)i;
  return refuse(bytes, len, e);
}
