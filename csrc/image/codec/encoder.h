/*
** encoder.h: rows, top to bottom, into a picture file in memory.
**
**   novita_encoder_open     checks the size against the format
**   novita_encoder_row      the next row of width * channels samples
**   novita_encoder_finish   after the last row: the file is whole
**   novita_encoder_close    may be called at any time after open, and twice
**
** The same rows and options give the same bytes. JPEG and PNG go out as they
** come; WebP holds the picture. JPEG takes 1 or 3 channels, PNG 1 to 4, WebP
** 3 or 4: novita_encoder_channels says what to convert to.
**
** A picture that is in planes (planes.h) may be given so, after open and before
** finish, whole or in bands: novita_encoder_planes.
*/
#ifndef novita_image_codec_encoder_h
#define novita_image_codec_encoder_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/buffer.h"
#include "../../base/error.h"
#include "format.h"

struct novita_encoder_options {
  enum novita_format format;
  int quality;    /* JPEG and lossy WebP: 1 to 100 */
  int chroma;     /* JPEG: 444 or 420 */
  bool lossless;  /* WebP */
  bool optimize;  /* JPEG: Huffman tables made for the picture */
  int effort;     /* PNG: 1 own coder, else zlib level; WebP: method 0-6 */
  bool planes;    /* it will come as planes, not as rows */
};

struct novita_encoder;
struct novita_planes;

/* one a format; the functions return 0 or -1 */
struct novita_encoder_type {
  int (*open) (struct novita_encoder *c, struct novita_error *e);
  int (*row) (struct novita_encoder *c, const uint8_t *row,
              struct novita_error *e);
  int (*finish) (struct novita_encoder *c, struct novita_error *e);
  void (*close) (struct novita_encoder *c);
  int max_side;  /* pixels a side */
  /* NULL where rows are made of the planes */
  int (*planes) (struct novita_encoder *c, const struct novita_planes *p,
                 struct novita_error *e);
  bool row_blocks; /* and they may come in bands */
};

struct novita_encoder {
  const struct novita_encoder_type *type;
  void *state;                 /* the format's own; NULL when closed */
  struct novita_encoder_options options;
  int width, height, channels;
  struct novita_buffer *out;   /* the caller's, born with its limit */
  int next;                    /* number of the next row */
};

NOVITA_FUNC const struct novita_encoder_type novita_jpeg_encode_type;
NOVITA_FUNC const struct novita_encoder_type novita_png_encode_type;
NOVITA_FUNC const struct novita_encoder_type novita_png_fast_type;
NOVITA_FUNC const struct novita_encoder_type novita_webp_encode_type;

/* quality 95, 4:4:4, lossy, the format's usual effort */
NOVITA_FUNC void novita_encoder_defaults (
  struct novita_encoder_options *options, enum novita_format format);

/* channels that the format takes for a picture that has 'channels' */
NOVITA_FUNC int novita_encoder_channels (enum novita_format format,
                                         int channels);
/* 444 or 420: how it wants the colour of planes */
NOVITA_FUNC int novita_encoder_chroma (
  const struct novita_encoder_options *options);
/* can the format hold this size? Asked before any work is done. */
NOVITA_FUNC int novita_encoder_check_size (enum novita_format format, int width,
                                           int height, struct novita_error *e);

NOVITA_FUNC int novita_encoder_open (
  struct novita_encoder *c, const struct novita_encoder_options *options,
  int width, int height, int channels, struct novita_buffer *out,
  struct novita_error *e);
NOVITA_FUNC int novita_encoder_row (struct novita_encoder *c,
                                    const uint8_t *row,
                                    struct novita_error *e);
/* or the next rows as planes, padded: all of them, or bands of 16 but for the
** last one where novita_encoder_takes_row_blocks. Opened with 'how.planes', and the
** planes have the encoder's channels and chroma. */
NOVITA_FUNC bool novita_encoder_takes_row_blocks (
  const struct novita_encoder_options *options);
NOVITA_FUNC int novita_encoder_planes (struct novita_encoder *c,
                                       const struct novita_planes *p,
                                       struct novita_error *e);
NOVITA_FUNC int novita_encoder_finish (struct novita_encoder *c,
                                       struct novita_error *e);
NOVITA_FUNC void novita_encoder_close (struct novita_encoder *c);

/* for the formats: what a refused append means */
NOVITA_FUNC int novita_encoder_fail_append (const struct novita_encoder *c,
                                            enum novita_buffer_result why,
                                            struct novita_error *e);

#endif
