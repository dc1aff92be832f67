/*
** context.c: see context.h
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>
#include <lcms2_plugin.h>

#include "context.h"

#define MAX_BYTES ((size_t)64 << 20)  /* bytes per image; 1 to 4 MB are usual */
#define HEADER 16                /* holds the size, before each block */


/* NULL while lcms2 creates the context itself: those allocations are small */
static struct novita_colour_memory *memory_of (cmsContext id) {
  return cmsGetContextUserData(id);
}


static void *allocate (cmsContext id, cmsUInt32Number size) {
  struct novita_colour_memory *m = memory_of(id);
  size_t whole = (size_t)size + HEADER;
  uint8_t *block;
  if (m != NULL && (m->used > MAX_BYTES ||
                    whole > MAX_BYTES - m->used)) return NULL;
  block = malloc(whole);
  if (m != NULL) {
    if (block == NULL) m->refused = true;
    else m->used += whole;
  }
  if (block == NULL) return NULL;
  memcpy(block, &whole, sizeof whole);
  return block + HEADER;
}


static size_t size_of (const void *p) {
  size_t whole;
  memcpy(&whole, (const uint8_t *)p - HEADER, sizeof whole);
  return whole;
}


static void release (cmsContext id, void *p) {
  struct novita_colour_memory *m = memory_of(id);
  if (p == NULL) return;
  if (m != NULL) m->used -= size_of(p) < m->used ? size_of(p) : m->used;
  free((uint8_t *)p - HEADER);
}


static void *reallocate (cmsContext id, void *p, cmsUInt32Number size) {
  void *q = allocate(id, size);
  if (q == NULL || p == NULL) return q;
  memcpy(q, p, size_of(p) - HEADER < size ? size_of(p) - HEADER : size);
  release(id, p);
  return q;
}


/* {====== locks: a context belongs to one thread ======
** lcms2's default locks are allocated, and used even if that failed. */
static void *make_lock (cmsContext id) {
  static char lock;
  (void)id;
  return &lock;
}


static void drop_lock (cmsContext id, void *lock) {
  (void)id;
  (void)lock;
}


static cmsBool take_lock (cmsContext id, void *lock) {
  (void)id;
  (void)lock;
  return TRUE;
}
/* }====== */


/* an invalid profile is ignored silently */
static void on_error (cmsContext id, cmsUInt32Number code, const char *text) {
  (void)id;
  (void)code;
  (void)text;
}


static void describe_locks (cmsPluginMutex *locks) {
  memset(locks, 0, sizeof *locks);
  locks->base.Magic = cmsPluginMagicNumber;
  locks->base.ExpectedVersion = 2060;
  locks->base.Type = cmsPluginMutexSig;
  locks->CreateMutexPtr = make_lock;
  locks->DestroyMutexPtr = drop_lock;
  locks->LockMutexPtr = take_lock;
  locks->UnlockMutexPtr = drop_lock;
}


cmsContext novita_colour_context (struct novita_colour_memory *memory) {
  cmsPluginMemHandler handler;  /* copied by lcms2, */
  cmsPluginMutex locks;         /* as is this */
  cmsContext id;
  describe_locks(&locks);
  memset(&handler, 0, sizeof handler);
  handler.base.Next = &locks.base;
  handler.base.Magic = cmsPluginMagicNumber;
  handler.base.ExpectedVersion = 2060;
  handler.base.Type = cmsPluginMemHandlerSig;
  handler.MallocPtr = allocate;
  handler.FreePtr = release;
  handler.ReallocPtr = reallocate;
  id = cmsCreateContext(&handler, memory);
  if (id != NULL) cmsSetLogErrorHandlerTHR(id, on_error);
  return id;
}
