/*
** failing.c: see failing.h. Some allocations never fail: those of lua-cjson
** and of the dynamic linker's thread-local storage, which both end the program
** on out-of-memory, and those of AddressSanitizer for a new thread.
** Under AddressSanitizer (FAILING_ASAN) its allocator is the real one; this
** file is compiled without it, because it is used before its initialization.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#if defined(FAILING_ASAN)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void __sanitizer_print_stack_trace (void);
void *REAL(malloc) (size_t size);
void *REAL(calloc) (size_t count, size_t size);
void *REAL(realloc) (void *block, size_t size);
void REAL(free) (void *block);

static atomic_bool armed;
static atomic_long counted;
static long wanted;
static char place[256];
static _Thread_local int spared;


static const char *base_name (const char *path) {
  const char *slash = path != NULL ? strrchr(path, '/') : NULL;
  return slash != NULL ? slash + 1 : path != NULL ? path : "?";
}


/* Only one allocation gets here: the count passes the target once. */
static void note_place (const Dl_info *at) {
#if defined(FAILING_ASAN)
  if (getenv("FAILURES_TRACE") != NULL) __sanitizer_print_stack_trace();
#endif
  snprintf(place, sizeof place, "%s %s", base_name(at->dli_fname),
           at->dli_sname != NULL ? at->dli_sname : "(static)");
}


static int is_spared (const Dl_info *at) {
  if (at->dli_fname == NULL) return 0;
  if (strstr(at->dli_fname, "cjson") != NULL) return 1;
  return at->dli_sname == NULL && strstr(at->dli_fname, "ld-linux") != NULL;
}


static int fails (void *caller) {
  Dl_info at;
  if (!atomic_load(&armed) || spared) return 0;
  memset(&at, 0, sizeof at);
  dladdr(caller, &at);
  if (is_spared(&at)) return 0;
  if (atomic_fetch_add(&counted, 1) + 1 != wanted) return 0;
  note_place(&at);
  errno = ENOMEM;
  return 1;
}

#define FAILS() fails(__builtin_return_address(0))


void *malloc (size_t size) {
  return FAILS() ? NULL : REAL(malloc)(size);
}


void *calloc (size_t count, size_t size) {
  return FAILS() ? NULL : REAL(calloc)(count, size);
}


void *realloc (void *block, size_t size) {
  return FAILS() ? NULL : REAL(realloc)(block, size);
}


/* libc's own would ask a sanitizer's malloc and not ours */
char *strndup (const char *text, size_t most) {
  size_t n = strnlen(text, most);
  char *copy = FAILS() ? NULL : REAL(malloc)(n + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, n);
  copy[n] = '\0';
  return copy;
}


char *strdup (const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = FAILS() ? NULL : REAL(malloc)(size);
  return copy != NULL ? memcpy(copy, text, size) : NULL;
}


int pthread_getattr_np (pthread_t thread, pthread_attr_t *attributes) {
  int (*real) (pthread_t, pthread_attr_t *);
  int r;
  spared = 1;
  *(void **)&real = dlsym(RTLD_NEXT, "pthread_getattr_np");
  r = real(thread, attributes);
  spared = 0;
  return r;
}


void failing_arm (long target) {
  place[0] = '\0';
  wanted = target;
  atomic_store(&counted, 0);
  atomic_store(&armed, 1);
}


long failing_disarm (void) {
  atomic_store(&armed, 0);
  return atomic_load(&counted);
}


const char *failing_place (void) {
  return place;
}


void *failing_never (void *block, size_t size) {
  return REAL(realloc)(block, size);
}


void failing_free (void *block) {
  REAL(free)(block);
}
