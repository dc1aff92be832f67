/*
** base64.c: see base64.h
*/
#include "base64.h"

static const char alphabet[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


static void group (unsigned long bits, char *out) {
  out[0] = alphabet[bits >> 18 & 63];
  out[1] = alphabet[bits >> 12 & 63];
  out[2] = alphabet[bits >> 6 & 63];
  out[3] = alphabet[bits & 63];
}


void novita_base64_encode (const uint8_t *data, size_t n, char *out) {
  for (; n >= 3; data += 3, n -= 3, out += 4)
    group((unsigned long)data[0] << 16 | (unsigned long)data[1] << 8 | data[2],
          out);
  if (n == 0) return;
  group((unsigned long)data[0] << 16 |
        (n == 2 ? (unsigned long)data[1] << 8 : 0), out);
  out[3] = '=';
  if (n == 1) out[2] = '=';
}
