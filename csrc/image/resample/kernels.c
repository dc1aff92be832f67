/*
** kernels.c: which table of kernels.h this process uses. The choice is made
** once, by the first who asks; it is the only state of this room.
*/
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct novita_kernels *chosen = &novita_kernels_scalar;
static char refused[32];

#ifdef NOVITA_HAVE_X86

static const struct novita_kernels *avx2 (void) {
  return __builtin_cpu_supports("avx2") ? &novita_kernels_avx2 : NULL;
}


/* with byte dot products where there are any; the name is the same */
static const struct novita_kernels *avx512 (void) {
  if (!__builtin_cpu_supports("avx512f") ||
      !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl")) return NULL;
  return __builtin_cpu_supports("avx512vnni") ? &novita_kernels_avx512vnni
                                              : &novita_kernels_avx512;
}

#endif

static const struct novita_kernels *scalar (void) {
  return &novita_kernels_scalar;
}


#ifdef NOVITA_HAVE_NEON

static const struct novita_kernels *neon (void) {
  return &novita_kernels_neon;  /* every aarch64 has it */
}

#endif

/* best first */
static const struct choice {
  const char *name;
  const struct novita_kernels *(*find) (void);
} choices[] = {
#ifdef NOVITA_HAVE_X86
  {"avx512", avx512}, {"avx2", avx2},
#endif
#ifdef NOVITA_HAVE_NEON
  {"neon", neon},
#endif
  {"scalar", scalar}
};


const struct novita_kernels *novita_kernels_named (const char *name) {
  size_t i;
  for (i = 0; i < sizeof choices / sizeof choices[0]; i++)
    if (strcmp(choices[i].name, name) == 0) return choices[i].find();
  return NULL;
}


static const struct novita_kernels *best (void) {
  const struct novita_kernels *found = NULL;
  size_t i;
  for (i = 0; found == NULL; i++) found = choices[i].find();
  return found;
}


static void choose (void) {
  const char *name = getenv("NOVITA_SIMD");
  const struct novita_kernels *wanted;
  chosen = best();
  if (name == NULL || *name == '\0') return;
  wanted = novita_kernels_named(name);
  if (wanted != NULL) chosen = wanted;
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


/* A pair of samples of every row and channel, and what a register reaches
** past the last pixel: at most 32 pixels of one channel. */
size_t novita_kernels_scratch_size (int pixels, int channels) {
  return ((size_t)pixels / 2 + 16) * (size_t)channels * NOVITA_ROW_BLOCK *
         2 * sizeof(int16_t);
}
