/*
** decoder.h: reads an image file as rows, top to bottom.
**
**   novita_formats_open_decoder  opens one: see formats/formats.h
**   novita_decoder_row        the next row, as stored (not yet oriented)
**   novita_decoder_row_block  instead of rows: the next rows of each plane
**   novita_decoder_finish     after the last row: checks the rest of the file
**   novita_decoder_close      may be called at any time after open, and twice
**
** Rows are 8-bit samples of 'info.channels' (1 gray, 2 gray + alpha, 3 RGB, 4
** RGBA), whatever the file holds, unless novita_decoder_keep_wide is called.
** JPEG and plain PNG keep a block of rows in memory; interlaced PNG and WebP
** keep the whole image.
**
** Strict decoders (the default) fail on a truncated or damaged file. Lenient
** ones return every row, set 'truncated', and fill in missing samples. The file
** must outlive the decoder, which moves the file's window. A decoder belongs to
** one thread.
*/
#ifndef novita_image_codec_decoder_h
#define novita_image_codec_decoder_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"
#include "format.h"
#include "limits.h"
#include "source.h"

struct novita_image_info {
  enum novita_format format;
  int width, height;   /* as stored */
  int channels;        /* of the rows */
  int bits;            /* per sample in the file: 1, 2, 4, 8 to 16 */
  bool alpha;          /* some pixels may not be opaque */
  int orientation;     /* EXIF, 1 to 8 */
  bool cmyk;           /* the file is CMYK: see novita_decoder_keep_cmyk */
  bool wide;           /* rows have 16 bits: see novita_decoder_keep_wide */
  int planes;          /* available instead of rows: 0, 1 or 3 */
};

/* The planes of an image that is stored in planes (a JPEG: Y, Cb, Cr, or only
** Y): full range, centred samples, each plane with its own resolution. */
#define NOVITA_PLANES 3
struct novita_plane_layout {
  int count;                       /* 1 or 3 */
  struct {
    int width, height;             /* in samples */
    double samples_x, samples_y;   /* per pixel of the stored image */
  } plane[NOVITA_PLANES];
};

/* the samples of a plane that the caller uses; 'right' and 'bottom' are
** exclusive */
struct novita_plane_window { int left, right, top, bottom; };

/* Some rows of each plane. The decoder owns the memory, which is valid until
** the next call. */
struct novita_plane_row_block {
  struct {
    const uint8_t *data;
    size_t stride;
    int first, rows;               /* 'rows' may be 0 */
  } plane[NOVITA_PLANES];
};

/* what a file says about its colours, if only its decoder can find it */
struct novita_decoder_profile {
  uint8_t *icc;                    /* the caller frees it; NULL = none */
  size_t len;
  int primaries, transfer;         /* ITU-T H.273; 0 = not given */
};

struct novita_decoder;

/* one per format; the functions return 0 or -1 */
struct novita_decoder_type {
  bool whole; /* needs the whole file in memory */
  int (*open) (struct novita_decoder *d, struct novita_error *e);
  int (*row) (struct novita_decoder *d, uint8_t *row, struct novita_error *e);
  int (*finish) (struct novita_decoder *d, struct novita_error *e);
  void (*close) (struct novita_decoder *d);
  /* NULL if the format does not support it */
  int (*shrink) (struct novita_decoder *d, int divisor,
                 struct novita_error *e);
  int (*planes) (struct novita_decoder *d, struct novita_plane_layout *layout,
                 struct novita_error *e);
  int (*row_block) (struct novita_decoder *d,
                    struct novita_plane_row_block *row_block,
                    struct novita_error *e);
  /* what must be installed to read the format, or NULL */
  const char *(*missing) (enum novita_format format);
  /* NULL if colour/profile.h reads it from the file's bytes */
  int (*profile) (struct novita_decoder *d, struct novita_decoder_profile *p,
                  struct novita_error *e);
};

struct novita_decoder {
  const struct novita_decoder_type *type;
  void *state;                     /* the format's; NULL when closed */
  struct novita_source_reader *file;       /* the caller's. Its window is the
                                           ** file's start until the first row
                                           ** or row block is read; the whole
                                           ** file if 'whole'. */
  struct novita_limits limits;
  struct novita_image_info info;
  int width, height;               /* of the rows: as in 'info', or smaller */
  int divisor;                     /* how much smaller: 1, 2, 4, 8 */
  struct novita_plane_window window[NOVITA_PLANES];  /* the rest is undefined */
  bool lenient;
  bool truncated;                  /* something was missing or damaged */
  bool unended;                    /* complete, but its end marker is missing,
                                   ** damaged or not next to the pixels */
  uint64_t needs;                  /* bytes of the image or coefficients that
                                   ** it will hold; 0 = only some rows */
  uint64_t needs_wide;             /* bytes that wide rows add to 'needs' */
  int next;                        /* number of the next row */
  double deadline;                 /* in novita_clock_now's time */
};

NOVITA_FUNC const struct novita_decoder_type novita_jpeg_decode_type;
NOVITA_FUNC const struct novita_decoder_type novita_png_decode_type;
NOVITA_FUNC const struct novita_decoder_type novita_webp_decode_type;
NOVITA_FUNC const struct novita_decoder_type novita_heif_decode_type;

/* for novita_formats_open_decoder, which knows the types */
NOVITA_FUNC int novita_decoder_open (struct novita_decoder *d,
                                     enum novita_format format,
                                     const struct novita_decoder_type *type,
                                     struct novita_source_reader *file,
                                     const struct novita_limits *limits,
                                     bool lenient, struct novita_error *e);
NOVITA_FUNC int novita_decoder_row (struct novita_decoder *d, uint8_t *row,
                                    struct novita_error *e);
NOVITA_FUNC int novita_decoder_finish (struct novita_decoder *d,
                                       struct novita_error *e);
NOVITA_FUNC void novita_decoder_close (struct novita_decoder *d);

/* Call before the first row of a CMYK image. Rows are then CMYK (255 is full
** ink), 4 channels without alpha, instead of RGB by an approximation. */
NOVITA_FUNC void novita_decoder_keep_cmyk (struct novita_decoder *d);

/* Call before the first row of an image with more than 8 bits. Rows then keep
** them: they hold uint16_t samples from 0 to 65535, and their memory must be
** aligned for these. */
NOVITA_FUNC void novita_decoder_keep_wide (struct novita_decoder *d);

/* bytes of one sample of the rows: 1, or 2 if they are wide */
NOVITA_FUNC int novita_decoder_sample_size (const struct novita_decoder *d);

/* -1 if the time limit has passed. Reading a row checks this itself; the
** function is for loops inside a format and after it. */
NOVITA_FUNC int novita_decoder_check_time (const struct novita_decoder *d,
                                           struct novita_error *e);

/* -1 if 'bytes' held at once exceed the memory limit */
NOVITA_FUNC int novita_decoder_check_memory (const struct novita_decoder *d,
                                             uint64_t bytes,
                                             struct novita_error *e);

/* Call before the first row, and before the caller takes much memory itself
** ('more' bytes): waits until what the decoder will hold and 'more' fit into
** the memory of all workers. Closing gives both back. The time does not count
** as the decoder's. novita_decoder_planes calls this itself. */
NOVITA_FUNC int novita_decoder_reserve (struct novita_decoder *d,
                                        uint64_t more, struct novita_error *e);

/* Makes rows and planes about 1/divisor the size (2, 4 or 8) if the format can
** do that cheaply: 'd->divisor' says whether it did. Sample x of them is
** centred on the same position of the full image. Call before the first row. */
NOVITA_FUNC int novita_decoder_shrink (struct novita_decoder *d, int divisor,
                                       struct novita_error *e);

/* To read planes instead of rows, if 'info.planes' is not 0: returns the layout
** of the planes; then read row blocks until 'd->next' is 'd->height'. In
** between, 'd->window' may be narrowed to save time; it starts as the whole
** plane. */
NOVITA_FUNC int novita_decoder_planes (struct novita_decoder *d,
                                       struct novita_plane_layout *layout,
                                       struct novita_error *e);
NOVITA_FUNC int novita_decoder_row_block (
  struct novita_decoder *d, struct novita_plane_row_block *row_block,
  struct novita_error *e);

/* for the formats: sets the size, and checks it against the limits before more
** is read */
NOVITA_FUNC int novita_decoder_set_size (struct novita_decoder *d,
                                         uint32_t width, uint32_t height,
                                         struct novita_error *e);
/* for the formats: the file ends too early */
NOVITA_FUNC int novita_decoder_fail_truncated (struct novita_decoder *d,
                                               struct novita_error *e);
/* for the formats: a row that a lenient decoder could not read: transparent if
** there is alpha, else middle gray */
NOVITA_FUNC void novita_decoder_fill_missing (struct novita_decoder *d,
                                              uint8_t *row);

#endif
