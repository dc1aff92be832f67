/*
** text.c: see text.h
*/
#include <stdbool.h>
#include <string.h>

#include "text.h"

static bool continues (char c) {
  return ((unsigned char)c & 0xc0) == 0x80;
}


size_t novita_text_cut (const char *text, size_t most) {
  size_t len = strlen(text), n = most;
  if (len <= most) return len;
  while (n > 0 && most - n < 3 && continues(text[n])) n--;
  return continues(text[n]) ? most : n;  /* not UTF-8: cut anywhere */
}


/* U+0080 to U+009F, U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to
** U+2069 */
static bool is_mark (const unsigned char *c, size_t left, size_t *n) {
  *n = 2;
  if (left < 2) return false;
  if (c[0] == 0xc2) return c[1] >= 0x80 && c[1] <= 0x9f;
  if (c[0] == 0xd8) return c[1] == 0x9c;
  *n = 3;
  if (left < 3 || c[0] != 0xe2) return false;
  if (c[1] == 0x80)
    return c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae);
  return c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9;
}


/* the bytes of a character to be replaced; 0 = it may stay */
static size_t unprintable (const char *at, size_t left) {
  const unsigned char *c = (const unsigned char *)at;
  size_t n;
  if (c[0] < 0x20 || c[0] == 0x7f) return 1;
  return c[0] >= 0x80 && is_mark(c, left, &n) ? n : 0;
}


size_t novita_text_make_printable (char *text, size_t len, char instead) {
  size_t from = 0, to = 0;
  while (from < len) {
    size_t n = unprintable(text + from, len - from);
    text[to++] = n > 0 ? instead : text[from];
    from += n > 0 ? n : 1;
  }
  return to;
}
