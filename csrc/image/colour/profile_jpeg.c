/*
** profile_jpeg.c: the ICC profile of a JPEG. A segment holds at most 64 kB, so
** a profile may be split over several APP2 segments. Each has "ICC_PROFILE\0",
** its number (from 1) and the number of segments, in any order. All of them
** must be present exactly once and agree on their number.
*/
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/endian.h"
#include "../codec/jpeg_markers.h"
#include "profile.h"

#define MAX_PARTS 255            /* the number of parts is a byte */
#define INTRODUCTION 14     /* bytes before the data of a part */

struct parts {
  const uint8_t *at[MAX_PARTS + 1];  /* by number, from 1 */
  size_t len[MAX_PARTS + 1];
  int count;                /* from the first part; 0 = none seen */
  bool broken;
};


static void take (struct parts *parts, const uint8_t *data, size_t len) {
  int number, count;
  if (len < INTRODUCTION || memcmp(data, "ICC_PROFILE", 12) != 0) return;
  number = data[12];
  count = data[13];
  if (parts->count == 0) parts->count = count;
  if (number == 0 || number > count || count != parts->count ||
      parts->at[number] != NULL) {
    parts->broken = true;
    return;
  }
  parts->at[number] = data + INTRODUCTION;
  parts->len[number] = len - INTRODUCTION;
}


/* up to the pixels; skips everything that is not a marker */
static void walk (struct parts *parts, const uint8_t *file, size_t size) {
  size_t at = 2;
  while (at + 4 <= size) {
    int marker = file[at + 1];
    size_t len;
    if (file[at] != 0xff || marker == 0xff || marker == 0) {
      at++;
      continue;
    }
    if (marker == NOVITA_JPEG_SOS || marker == NOVITA_JPEG_EOI) return;
    at += 2;
    if (novita_jpeg_markers_stands_alone(marker)) continue;
    len = novita_endian_big16(file + at);
    if (len < 2 || len > size - at) return;
    if (marker == NOVITA_JPEG_APP2) take(parts, file + at + 2, len - 2);
    at += len;
  }
}


static size_t total (const struct parts *parts) {
  size_t sum = 0;
  int i;
  for (i = 1; i <= parts->count; i++) {
    if (parts->at[i] == NULL) return 0;
    sum += parts->len[i];
  }
  return sum;
}


int novita_profile_jpeg (struct novita_profile *p, const uint8_t *file,
                         size_t size, struct novita_error *e) {
  struct parts parts;
  size_t len;
  int i;
  memset(&parts, 0, sizeof parts);
  walk(&parts, file, size);
  if (parts.count == 0 && !parts.broken) return 0;
  len = parts.broken ? 0 : total(&parts);
  p->kind = NOVITA_PROFILE_BROKEN;
  if (len == 0 || len > NOVITA_PROFILE_MAX_BYTES) return 0;
  p->icc = malloc(len);
  if (p->icc == NULL) return novita_error_set_memory(e);
  for (i = 1; i <= parts.count; i++) {
    memcpy(p->icc + p->len, parts.at[i], parts.len[i]);
    p->len += parts.len[i];
  }
  p->kind = NOVITA_PROFILE_ICC;
  return 0;
}
