/*
** colour_context.c: see colour_context.h
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>
#include <lcms2_plugin.h>

#include "colour_context.h"

#define MOST ((size_t)64 << 20)  /* bytes a picture; usual are 1 to 4 M */
#define HEADER 16                /* in front of a block: its size */


/* NULL while lcms2 makes the context itself: what it takes then is small */
static size_t *count_of (cmsContext id) {
  return cmsGetContextUserData(id);
}


static void *take (cmsContext id, cmsUInt32Number size) {
  size_t *used = count_of(id), whole = (size_t)size + HEADER;
  uint8_t *block;
  if (used != NULL && (*used > MOST || whole > MOST - *used)) return NULL;
  block = malloc(whole);
  if (block == NULL) return NULL;
  memcpy(block, &whole, sizeof whole);
  if (used != NULL) *used += whole;
  return block + HEADER;
}


static size_t size_of (const void *p) {
  size_t whole;
  memcpy(&whole, (const uint8_t *)p - HEADER, sizeof whole);
  return whole;
}


static void give_back (cmsContext id, void *p) {
  size_t *used = count_of(id);
  if (p == NULL) return;
  if (used != NULL) *used -= size_of(p) < *used ? size_of(p) : *used;
  free((uint8_t *)p - HEADER);
}


static void *retake (cmsContext id, void *p, cmsUInt32Number size) {
  void *q = take(id, size);
  if (q == NULL || p == NULL) return q;
  memcpy(q, p, size_of(p) - HEADER < size ? size_of(p) - HEADER : size);
  give_back(id, p);
  return q;
}


/* a profile that is wrong is ignored, not talked about */
static void on_error (cmsContext id, cmsUInt32Number code, const char *text) {
  (void)id;
  (void)code;
  (void)text;
}


cmsContext novita_colour_context (size_t *used) {
  cmsPluginMemHandler memory;  /* copied by lcms2 */
  cmsContext id;
  memset(&memory, 0, sizeof memory);
  memory.base.Magic = cmsPluginMagicNumber;
  memory.base.ExpectedVersion = 2060;
  memory.base.Type = cmsPluginMemHandlerSig;
  memory.MallocPtr = take;
  memory.FreePtr = give_back;
  memory.ReallocPtr = retake;
  id = cmsCreateContext(&memory, used);
  if (id != NULL) cmsSetLogErrorHandlerTHR(id, on_error);
  return id;
}
