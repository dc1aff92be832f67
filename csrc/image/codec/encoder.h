/*
** encoder.h: writes rows, top to bottom, as an image file in memory.
**
**   novita_formats_open_encoder    opens one: see formats/formats.h
**   novita_encoder_row      the next row of width * channels samples
**   novita_encoder_finish   after the last row: completes the file
**   novita_encoder_close    may be called at any time after open, and twice
**
** The same rows and options give the same bytes. JPEG and PNG are written row
** by row; WebP holds the whole image. JPEG takes 1 or 3 channels, PNG 1 to 4,
** WebP 3 or 4: novita_encoder_channels returns the number to convert to.
**
** An image in planes (planes.h) may be passed as planes, whole or in row
** blocks, between open and finish: novita_encoder_planes.
*/
#ifndef novita_image_codec_encoder_h
#define novita_image_codec_encoder_h

#include <stdbool.h>
#include <stdint.h>

#include "../../base/buffer.h"
#include "../../base/error.h"
#include "format.h"

#define NOVITA_PNG_OWN_EFFORT 1  /* the coder of png/fast.c */

struct novita_encoder_options {
  enum novita_format format;
  int quality;    /* JPEG and lossy WebP: 1 to 100 */
  int chroma;     /* JPEG: 444 or 420 */
  bool lossless;  /* WebP */
  bool optimize;  /* JPEG: Huffman tables optimized for the image */
  int effort;     /* PNG: 1 = own encoder, else zlib level; WebP: method 0-6 */
  bool planes;    /* the input is planes, not rows */
  bool discard;   /* take the input and write nothing */
};

struct novita_encoder;
struct novita_planes;

/* one per format; the functions return 0 or -1 */
struct novita_encoder_type {
  int (*open) (struct novita_encoder *c, struct novita_error *e);
  int (*row) (struct novita_encoder *c, const uint8_t *row,
              struct novita_error *e);
  int (*finish) (struct novita_encoder *c, struct novita_error *e);
  void (*close) (struct novita_encoder *c);
  int max_side;  /* in pixels */
  /* NULL if rows must be made from the planes */
  int (*planes) (struct novita_encoder *c, const struct novita_planes *p,
                 struct novita_error *e);
  bool row_blocks; /* planes may be passed in row blocks */
};

struct novita_encoder {
  const struct novita_encoder_type *type;
  void *state;                 /* the format's; NULL when closed */
  struct novita_encoder_options options;
  int width, height, channels;
  struct novita_buffer *out;   /* the caller's, with its limit set */
  int next;                    /* number of the next row */
};

NOVITA_FUNC const struct novita_encoder_type novita_jpeg_encode_type;
NOVITA_FUNC const struct novita_encoder_type novita_png_encode_type;
NOVITA_FUNC const struct novita_encoder_type novita_png_fast_type;
NOVITA_FUNC const struct novita_encoder_type novita_webp_encode_type;

/* the default effort with these other options */
NOVITA_FUNC int novita_encoder_effort (
  const struct novita_encoder_options *options);
/* quality 95, 4:4:4, lossy, its default effort */
NOVITA_FUNC void novita_encoder_defaults (
  struct novita_encoder_options *options, enum novita_format format);

/* the number of channels to encode for an image that has 'channels' */
NOVITA_FUNC int novita_encoder_channels (enum novita_format format,
                                         int channels);
/* the chroma that planes must have: 444 or 420 */
NOVITA_FUNC int novita_encoder_chroma (
  const struct novita_encoder_options *options);
/* for novita_formats_open_encoder, which knows the types and checks the size */
NOVITA_FUNC int novita_encoder_open (
  struct novita_encoder *c, const struct novita_encoder_type *type,
  const struct novita_encoder_options *options, int width, int height,
  int channels, struct novita_buffer *out, struct novita_error *e);
NOVITA_FUNC int novita_encoder_row (struct novita_encoder *c,
                                    const uint8_t *row,
                                    struct novita_error *e);
/* Instead of rows: the next rows as padded planes. All at once, or, if
** novita_formats_take_row_blocks, in blocks of 16 rows (the last may have
** fewer). Requires 'options.planes'; the planes must have the encoder's
** channels and chroma. */
NOVITA_FUNC int novita_encoder_planes (struct novita_encoder *c,
                                       const struct novita_planes *p,
                                       struct novita_error *e);
NOVITA_FUNC int novita_encoder_finish (struct novita_encoder *c,
                                       struct novita_error *e);
NOVITA_FUNC void novita_encoder_close (struct novita_encoder *c);

/* for the formats: sets the error of a failed append */
NOVITA_FUNC int novita_encoder_fail_append (const struct novita_encoder *c,
                                            enum novita_buffer_result why,
                                            struct novita_error *e);

#endif
