/*
** profile.c: see profile.h
*/
#include <stdlib.h>
#include <string.h>

#include "../codec/chunks.h"
#include "profile.h"


/* The bytes belong to the file: with a copy, every profile owns its memory. */
static int copy (struct novita_profile *p, const uint8_t *icc, size_t len,
                 struct novita_error *e) {
  if (len == 0 || len > NOVITA_PROFILE_MAX_BYTES) {
    p->kind = NOVITA_PROFILE_BROKEN;
    return 0;
  }
  p->icc = malloc(len);
  if (p->icc == NULL) return novita_error_set_memory(e);
  memcpy(p->icc, icc, len);
  p->len = len;
  p->kind = NOVITA_PROFILE_ICC;
  return 0;
}


static int find_webp (struct novita_profile *p, const uint8_t *file,
                      size_t size, struct novita_error *e) {
  size_t len;
  const uint8_t *icc = novita_chunks_find_webp(file, size, "ICCP", &len);
  return icc == NULL ? 0 : copy(p, icc, len, e);
}


void novita_profile_free (struct novita_profile *p) {
  free(p->icc);
  p->icc = NULL;
  p->len = 0;
}


int novita_profile_find (struct novita_profile *p, enum novita_format format,
                         const uint8_t *file, size_t size,
                         struct novita_error *e) {
  int r = 0;
  memset(p, 0, sizeof *p);
  if (format == NOVITA_FORMAT_JPEG) r = novita_profile_jpeg(p, file, size, e);
  else if (format == NOVITA_FORMAT_PNG) r = novita_profile_png(p, file, size,
                                                               e);
  else r = find_webp(p, file, size, e);
  /* a broken one may have bytes */
  if (p->kind != NOVITA_PROFILE_ICC) novita_profile_free(p);
  return r;
}
