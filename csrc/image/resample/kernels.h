/*
** kernels.h: the inner loops, one table per instruction set. All tables give
** the same bits; kernels_scalar.c defines them.
**
** Source rows come in groups of four, interleaved: the four samples of a column
** are adjacent, so that one instruction computes a dot product of four. Two
** target rows are computed from the same groups at once. Rows from the vertical
** pass are kept until they fill a row block, because the horizontal pass works
** on many rows in parallel; this avoids sums across a register.
**
** Between the passes and after them, a sample is a signed 16-bit word, and
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
#define NOVITA_ROW_BLOCK 16   /* target rows per horizontal pass */
#define NOVITA_BLOCK 64  /* groups have a multiple of this many columns */
#define NOVITA_AHEAD 1024  /* bytes: how far ahead a source row is prefetched.
                           ** Hardware prefetchers do not follow four rows at a
                           ** time far enough. */

#define NOVITA_FRACTION 6                       /* fraction bits */
#define NOVITA_ONE (255 << NOVITA_FRACTION)     /* white */

/* The maximum of the weights' fraction bits, so that sums fit 32 bits: for
** samples up to 255, NOVITA_ONE and 32767, and weights whose absolute values
** sum to 2. */
#define NOVITA_BYTE_BITS 22
#define NOVITA_WORD_BITS 15

/* samples after a row of a row block that a kernel may read, but not use */
#define NOVITA_SLACK 64

/* a block of rows for the horizontal pass */
struct novita_row_block {
  const int16_t *in;    /* NOVITA_ROW_BLOCK rows; the first 'rows' count */
  size_t in_stride;     /* samples */
  int16_t *out;         /* c->n pixels per row; every row may be written */
  size_t out_stride;    /* samples, a multiple of NOVITA_BLOCK */
  int rows;
  int origin;           /* index of the first pixel in 'in'; even */
  int pixels;           /* per row of 'in'; even */
  const struct novita_filter_taps *c;  /* align 2 */
  int channels;
  void *scratch;        /* novita_kernels_scratch_size() bytes, aligned to 64 */
};

struct novita_kernels {
  const char *name;

  /* group[4 * x + k] = row[k][x] for x < n. 'alpha' is 0, or the number of
  ** channels if the last one is alpha: the others are then multiplied by it. */
  void (*gather) (uint8_t *group, const uint8_t *const row[NOVITA_GROUP],
                  size_t n, int alpha);

  /* Multiplies the colours of a group of words by their alpha, the last of 2 or
  ** 4 channels: c = (c * m + 2^14) >> 15 with m = 2 a + (a >> 7), which is 2^15
  ** - 1 if 'a' is NOVITA_ONE and leaves 'c' unchanged. Works on whole blocks.
  */
  void (*weigh_words) (int16_t *group, size_t n, int channels);

  /* Converts the weights of four rows for two target rows (all of the first,
  ** then all of the second) to the form that 'vertical' reads. */
  void (*pack) (int16_t record[2 * NOVITA_GROUP]);

  /* Computes two rows of sums over all groups, rounded by 'shift' bits and
  ** clamped to 16 bits. 'n' is a multiple of NOVITA_BLOCK. There is one record
  ** per group. */
  void (*vertical) (int16_t *const out[2], const void *const *group,
                    const int16_t *record, int groups, size_t n, int shift);

  /* the same for 16-bit samples, with records that are not packed */
  void (*vertical_words) (int16_t *const out[2], const void *const *group,
                          const int16_t *record, int groups, size_t n,
                          int shift);

  /* rounded to NOVITA_FRACTION bits and clamped to 16 bits */
  void (*horizontal) (const struct novita_row_block *b);

  /* Divides the colours of a row by their alpha: c * (NOVITA_ONE / a) in single
  ** precision, rounded, from 0 to NOVITA_ONE; 0 if 'a' is not positive. May
  ** also process the rest of the last block. */
  void (*unweigh_words) (int16_t *row, size_t n, int channels);

  /* converts to 0..255, rounded */
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

/* bytes of scratch memory that any table's 'horizontal' needs for rows of
** 'pixels' */
NOVITA_FUNC size_t novita_kernels_scratch_size (int pixels, int channels);

/* the table in use */
NOVITA_FUNC const struct novita_kernels *novita_kernels (void);

/* a table by its name, or NULL if this build or processor does not have it */
NOVITA_FUNC const struct novita_kernels *novita_kernels_named (
  const char *name);

#endif
