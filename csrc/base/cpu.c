/*
** cpu.c: see cpu.h
*/
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <cpuid.h>
#define HAVE_CPUID 1
#endif

#include "cpu.h"

static const struct name {
  const char *text;
  enum novita_cpu_simd simd;
} names[] = {  /* best first */
  {"avx512", NOVITA_CPU_AVX512}, {"avx2", NOVITA_CPU_AVX2},
  {"neon", NOVITA_CPU_NEON}, {"scalar", NOVITA_CPU_SCALAR}
};

#define NAMES (sizeof names / sizeof *names)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum novita_cpu_simd chosen = NOVITA_CPU_SCALAR;
static bool only_scalar;  /* NOVITA_SIMD says so */
static char refused[32];


static bool is_there (enum novita_cpu_simd simd) {
  switch (simd) {
    case NOVITA_CPU_SCALAR: return true;
#ifdef NOVITA_HAVE_NEON
    case NOVITA_CPU_NEON: return true;  /* every aarch64 has it */
#endif
#ifdef NOVITA_HAVE_X86
    case NOVITA_CPU_AVX2: return __builtin_cpu_supports("avx2");
    case NOVITA_CPU_AVX512:
      return __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl");
#endif
    default: return false;
  }
}


int novita_cpu_simd_named (const char *name) {
  size_t i;
  for (i = 0; i < NAMES; i++)
    if (strcmp(names[i].text, name) == 0)
      return is_there(names[i].simd) ? (int)names[i].simd : -1;
  return -1;
}


static void choose (void) {
  const char *name = getenv("NOVITA_SIMD");
  size_t i = 0;
  int simd;
  while (!is_there(names[i].simd)) i++;
  chosen = names[i].simd;
  if (name == NULL || *name == '\0') return;
  simd = novita_cpu_simd_named(name);
  if (simd < 0) strncpy(refused, name, sizeof refused - 1);
  else chosen = (enum novita_cpu_simd)simd;
  only_scalar = simd == NOVITA_CPU_SCALAR;
}


enum novita_cpu_simd novita_cpu_simd (void) {
  pthread_once(&once, choose);
  return chosen;
}


const char *novita_cpu_simd_refused (void) {
  pthread_once(&once, choose);
  return refused[0] != '\0' ? refused : NULL;
}


bool novita_cpu_has_vnni (void) {
#ifdef NOVITA_HAVE_X86
  return __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}


bool novita_cpu_has_bmi2 (void) {
  pthread_once(&once, choose);
#ifdef NOVITA_HAVE_X86
  return !only_scalar && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}


bool novita_cpu_has_sha (void) {
#ifdef HAVE_CPUID
  unsigned a, b, c, d;
  pthread_once(&once, choose);
  if (only_scalar || !__get_cpuid(1, &a, &b, &c, &d) ||
      (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  return (b & bit_SHA) != 0;
#else
  return false;
#endif
}
