/*
** kernels.h: the inner loops, one table an instruction set. All tables give
** the same bits; kernels_scalar.c says what those are.
**
** Source rows come in groups of four, interleaved: the samples of one column
** stand side by side, so that a dot product of four is one instruction. Two
** target rows are made of the same groups in one go. What the vertical pass
** makes is kept until it fills a band, because the horizontal pass works on
** many rows at once: nothing must be added up across a register then.
**
** Between the passes and behind them a sample is 16 bits with its sign, and
** NOVITA_ONE is white: there is room for filters that overshoot, and only the
** last step clamps.
**
** The process uses one table: that of the instructions in base/cpu.h.
*/
#ifndef novita_image_resample_kernels_h
#define novita_image_resample_kernels_h

#include <stddef.h>
#include <stdint.h>

#include "../../base/cpu.h"
#include "../../base/func.h"
#include "filter.h"

#define NOVITA_GROUP 4   /* source rows that are interleaved */
#define NOVITA_ROW_BLOCK 16   /* target rows that go through the second pass */
#define NOVITA_BLOCK 64  /* columns of a group come in multiples of this */
#define NOVITA_AHEAD 1024  /* bytes: how far ahead of its use a source row is
                           ** fetched. Four rows at a time are more than
                           ** processors look ahead by themselves. */

#define NOVITA_FRACTION 6                       /* bits behind the point */
#define NOVITA_ONE (255 << NOVITA_FRACTION)     /* white */

/* most fraction bits of the weights, so that sums fit 32 bits: samples up to
** 255, NOVITA_ONE and 32767, weights that sum to 2 without their signs */
#define NOVITA_BYTE_BITS 22
#define NOVITA_WORD_BITS 15

/* samples that a kernel may read, but not use, behind a row of a band */
#define NOVITA_SLACK 64

/* a band of rows on its way through the horizontal pass */
struct novita_row_block {
  const int16_t *in;    /* NOVITA_ROW_BLOCK rows of which 'rows' count */
  size_t in_stride;     /* samples */
  int16_t *out;         /* c->n pixels a row; all rows may be written */
  size_t out_stride;    /* samples, a multiple of NOVITA_BLOCK */
  int rows;
  int origin;           /* number of the first pixel in 'in'; even */
  int pixels;           /* of a row in 'in'; even */
  const struct novita_filter_taps *c;  /* aligned to 2 */
  int channels;
  void *scratch;        /* novita_kernels_scratch_size() bytes, aligned to 64 */
};

struct novita_kernels {
  const char *name;

  /* group[4 * x + k] = row[k][x] for x < n. 'alpha' is 0, or the number of
  ** channels of which the last is alpha: the others are multiplied by it. */
  void (*gather) (uint8_t *group, const uint8_t *const row[NOVITA_GROUP],
                  size_t n, int alpha);

  /* Multiplies the colours of a group of words by their alpha, which is the
  ** last of 2 or 4 channels: c = (c * m + 2^14) >> 15 with m = 2 a + (a >> 7),
  ** which is 2^15 - 1 where 'a' is NOVITA_ONE and leaves 'c' as it is. Works on
  ** whole blocks. */
  void (*weigh_words) (int16_t *group, size_t n, int channels);

  /* Turns the weights of four rows for two target rows, first all of one and
  ** then all of the other, into what 'vertical' wants. */
  void (*pack) (int16_t record[2 * NOVITA_GROUP]);

  /* Two rows of sums over all groups, rounded by 'shift' bits and clamped to
  ** 16; 'n' is a multiple of NOVITA_BLOCK. One record a group. */
  void (*vertical) (int16_t *const out[2], const void *const *group,
                    const int16_t *record, int groups, size_t n, int shift);

  /* the same of 16-bit samples, with records that are not packed */
  void (*vertical_words) (int16_t *const out[2], const void *const *group,
                          const int16_t *record, int groups, size_t n,
                          int shift);

  /* rounded to NOVITA_FRACTION bits and clamped to 16 bits */
  void (*horizontal) (const struct novita_row_block *b);

  /* Divides the colours of a row by their alpha again: c * (NOVITA_ONE / a) in
  ** single precision, rounded, between 0 and NOVITA_ONE; 0 where 'a' is not
  ** above 0. May work on the rest of the last block as well. */
  void (*unweigh_words) (int16_t *row, size_t n, int channels);

  /* to 0..255, rounded */
  void (*narrow) (uint8_t *out, const int16_t *in, size_t n);
};

NOVITA_FUNC const struct novita_kernels novita_kernels_scalar;
#ifdef NOVITA_HAVE_X86
NOVITA_FUNC const struct novita_kernels novita_kernels_avx2;
NOVITA_FUNC const struct novita_kernels novita_kernels_avx512;
NOVITA_FUNC const struct novita_kernels novita_kernels_avx512vnni;
#endif
#ifdef NOVITA_HAVE_NEON
NOVITA_FUNC const struct novita_kernels novita_kernels_neon;
#endif

/* bytes that any table's 'horizontal' needs for rows of so many pixels */
NOVITA_FUNC size_t novita_kernels_scratch_size (int pixels, int channels);

/* the table in use */
NOVITA_FUNC const struct novita_kernels *novita_kernels (void);

/* one by its name, or NULL where this build or processor has it not */
NOVITA_FUNC const struct novita_kernels *novita_kernels_named (
  const char *name);

#endif
