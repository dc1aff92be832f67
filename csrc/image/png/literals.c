/*
** literals.c: see literals.h
*/
#include "../../base/cpu.h"
#include "literals.h"


NOVITA_PNG_INLINE void put_byte (struct novita_bit_writer *b, uint32_t code) {
  novita_png_bits_add(b, code >> 8, (int)(code & 255));
}


/* Four at a time: the codes of four fit between two drains. */
NOVITA_PNG_INLINE void put_bytes (struct novita_bit_writer *writer,
                                  const uint32_t *code, const uint8_t *p,
                                  const uint8_t *end) {
  struct novita_bit_writer b = *writer;  /* kept in registers */
  int i;
  for (; end - p >= 4; p += 4) {
    NOVITA_UNROLL
    for (i = 0; i < 4; i++) put_byte(&b, code[p[i]]);
    novita_png_bits_drain(&b);
  }
  for (; p < end; p++) put_byte(&b, code[*p]);
  novita_png_bits_drain(&b);
  *writer = b;
}


static void put_bytes_plain (struct novita_bit_writer *b, const uint32_t *code,
                             const uint8_t *p, const uint8_t *end) {
  put_bytes(b, code, p, end);
}


#if defined(NOVITA_HAVE_X86)
/* the same with shifts that do not need a fixed register */
__attribute__((target("bmi,bmi2")))
static void put_bytes_bmi2 (struct novita_bit_writer *b, const uint32_t *code,
                            const uint8_t *p, const uint8_t *end) {
  put_bytes(b, code, p, end);
}
#endif


novita_png_literals_put *novita_png_literals_choose (void) {
#if defined(NOVITA_HAVE_X86)
  if (novita_cpu_has_bmi2()) return put_bytes_bmi2;
#endif
  return put_bytes_plain;
}
