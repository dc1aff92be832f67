/*
** random.c: xorshift64* (Vigna, "An experimental exploration of Marsaglia's
** xorshift generators, scrambled", 2016).
*/
#define _GNU_SOURCE 1
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

#include "random.h"


/* The file is the fallback for kernels without the system call. */
bool novita_random_bytes (void *out, size_t count) {
  size_t n;
  FILE *f;
  if (getentropy(out, count) == 0) return true;
  f = fopen("/dev/urandom", "rb");
  if (f == NULL) return false;
  n = fread(out, 1, count, f);
  fclose(f);
  return n == count;
}


/* Clients started by one cron line must not send their requests in step, so
** the seed comes from the system. The clock and an address are the fallback if
** that cannot be read. */
void novita_random_seed (struct novita_random *r) {
  struct timespec t;
  uint64_t seed = 0;
  if (!novita_random_bytes(&seed, sizeof seed)) seed = 0;
  clock_gettime(CLOCK_REALTIME, &t);
  seed ^= (uint64_t)t.tv_nsec << 20 ^ (uint64_t)(uintptr_t)r;
  r->state = seed != 0 ? seed : 1;
}


double novita_random_next (struct novita_random *r) {
  uint64_t x = r->state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  r->state = x;
  return (double)((x * 2685821657736338717ULL) >> 11) * 0x1p-53;
}
