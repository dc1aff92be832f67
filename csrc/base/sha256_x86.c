/*
** sha256_x86.c: SHA-256 with the SHA instructions of Goldmont, Ice Lake, Zen
** and later processors: two rounds per instruction. The state is kept in their
** order, a b e f in one register and c d g h in the other, highest word first.
*/
#include "cpu.h"
#include "sha256_blocks.h"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)

#include <immintrin.h>

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))

struct state { __m128i abef, cdgh; };


TARGET static inline struct state load (const uint32_t s[8]) {
  __m128i cdab = _mm_shuffle_epi32(
    _mm_loadu_si128((const __m128i *)(const void *)s), 0xB1);
  __m128i efgh = _mm_shuffle_epi32(
    _mm_loadu_si128((const __m128i *)(const void *)(s + 4)), 0x1B);
  struct state made = {_mm_alignr_epi8(cdab, efgh, 8),
                       _mm_blend_epi16(efgh, cdab, 0xF0)};
  return made;
}


TARGET static inline void store (uint32_t s[8], struct state from) {
  __m128i feba = _mm_shuffle_epi32(from.abef, 0x1B);
  __m128i dchg = _mm_shuffle_epi32(from.cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)(void *)s, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(void *)(s + 4),
                   _mm_alignr_epi8(dchg, feba, 8));
}


/* the message's words are big endian */
TARGET static inline __m128i words (const uint8_t *p) {
  const __m128i turned = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11,
                                      4, 5, 6, 7, 0, 1, 2, 3);
  return _mm_shuffle_epi8(
    _mm_loadu_si128((const __m128i *)(const void *)p), turned);
}


TARGET static inline void four_rounds (struct state *s, __m128i w, int i) {
  __m128i more = _mm_add_epi32(w, _mm_loadu_si128(
    (const __m128i *)(const void *)(novita_sha256_constants + i)));
  s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, more);
  more = _mm_shuffle_epi32(more, 0x0E);
  s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, more);
}


/* the four words after the sixteen in w0 to w3 */
TARGET static inline __m128i next (__m128i w0, __m128i w1, __m128i w2,
                                   __m128i w3) {
  __m128i w = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1),
                            _mm_alignr_epi8(w3, w2, 4));
  return _mm_sha256msg2_epu32(w, w3);
}


TARGET static struct state add_block (struct state s,
                                      const uint8_t *p) {
  __m128i w0 = words(p), w1 = words(p + 16);
  __m128i w2 = words(p + 32), w3 = words(p + 48);
  int i;
  for (i = 0; i < 64; i += 4) {
    __m128i w = next(w0, w1, w2, w3);  /* the last four are not used */
    four_rounds(&s, w0, i);
    w0 = w1; w1 = w2; w2 = w3; w3 = w;
  }
  return s;
}


TARGET static void add_blocks (uint32_t state[8], const uint8_t *p,
                               size_t n) {
  struct state s = load(state);
  for (; n > 0; n--, p += 64) {
    struct state made = add_block(s, p);
    s.abef = _mm_add_epi32(s.abef, made.abef);
    s.cdgh = _mm_add_epi32(s.cdgh, made.cdgh);
  }
  store(state, s);
}


novita_sha256_blocks novita_sha256_x86 (void) {
  return novita_cpu_has_sha() ? add_blocks : NULL;
}

#else

novita_sha256_blocks novita_sha256_x86 (void) {
  return NULL;
}

#endif
