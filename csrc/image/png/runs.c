/*
** runs.c: see runs.h. Branches on single bytes would be mispredicted, because
** in a photo every tenth byte equals the one before it. So each byte becomes a
** bit, and four bits in a row are a run.
*/
#include <stddef.h>
#include <string.h>

#include "../../base/cpu.h"
#include "runs.h"

#define ALL 8   /* bytes compared at once */
#define NEW (ALL - NOVITA_PNG_RUNS_SHORTEST + 1)  /* where a run may start */
#define EACH(byte) ((uint64_t)-1 / 255 * (byte))


/* the first byte at the bottom */
static uint64_t load (const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}


static const uint8_t *find_plain (const uint8_t *p, const uint8_t *end) {
  for (; p < end; p += NEW) {
    uint64_t v = load(p) ^ load(p - 1);
    /* the highest bit of each byte that is 0 */
    uint64_t same = ~(((v & EACH(0x7f)) + EACH(0x7f)) | v | EACH(0x7f));
    uint64_t starts = same & same >> 8;
    starts &= starts >> 16;
    if (starts != 0) return p + __builtin_ctzll(starts) / 8;
  }
  return p;
}


#if defined(NOVITA_HAVE_X86)
#include <immintrin.h>

#define ALL_AVX2 32
#define NEW_AVX2 (ALL_AVX2 - NOVITA_PNG_RUNS_SHORTEST + 1)


__attribute__((target("avx2")))
static __m256i load_all (const uint8_t *p) {
  return _mm256_loadu_si256((const __m256i *)(const void *)p);
}


__attribute__((target("avx2")))
static const uint8_t *find_avx2 (const uint8_t *p, const uint8_t *end) {
  for (; p < end; p += NEW_AVX2) {
    uint32_t same = (uint32_t)_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(load_all(p), load_all(p - 1)));
    uint32_t starts = same & same >> 1;
    starts &= starts >> 2;
    if (starts != 0) return p + __builtin_ctz(starts);
  }
  return p;
}
#endif


novita_png_runs_find *novita_png_runs_choose (void) {
#if defined(NOVITA_HAVE_X86)
  if (novita_cpu_simd() != NOVITA_CPU_SCALAR) return find_avx2;
#endif
  return find_plain;
}
