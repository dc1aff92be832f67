/*
** dispatch.c: which table of kernels.h this process uses. The choice is made
** once, by the first who asks; it is the only state of this room.
*/
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct novita_kernels *chosen = &novita_kernels_scalar;
static char refused[32];


static const struct novita_kernels *avx2 (void) {
#ifdef NOVITA_HAVE_AVX2
  if (__builtin_cpu_supports("avx2")) return &novita_kernels_avx2;
#endif
  return NULL;
}


static const struct novita_kernels *best (void) {
  const struct novita_kernels *k = avx2();
  return k != NULL ? k : &novita_kernels_scalar;
}


static const struct novita_kernels *named (const char *name) {
  if (strcmp(name, "scalar") == 0) return &novita_kernels_scalar;
  if (strcmp(name, "avx2") == 0) return avx2();
  return NULL;
}


static void choose (void) {
  const char *name = getenv("NOVITA_SIMD");
  chosen = best();
  if (name == NULL || *name == '\0') return;
  if (named(name) != NULL) chosen = named(name);
  else strncpy(refused, name, sizeof refused - 1);
}


const struct novita_kernels *novita_kernels (void) {
  pthread_once(&once, choose);
  return chosen;
}


const char *novita_kernels_refused (void) {
  pthread_once(&once, choose);
  return refused[0] != '\0' ? refused : NULL;
}
