/*
** decoder.h: a picture file as rows, top to bottom.
**
**   novita_decoder_open    sniffs, checks the limits, reads the header
**   novita_decoder_row     the next row, as stored (not yet oriented)
**   novita_decoder_row_block    or so: the next rows of each plane
**   novita_decoder_finish  after the last row: is the rest of the file whole?
**   novita_decoder_close   may be called at any time after open, and twice
**
** Rows are 8-bit samples of 'info.channels' (1 gray, 2 gray + alpha, 3 RGB,
** 4 RGBA), whatever the file holds. JPEG and plain PNG keep a band of rows;
** interlaced PNG and WebP keep the whole picture.
**
** Strict decoders (the default) fail on a file that is cut off or damaged.
** Lenient ones give every row, set 'truncated', and fill what is missing.
** The file must outlive the decoder, which moves its window. One decoder
** belongs to one thread.
*/
#ifndef novita_image_codec_decoder_h
#define novita_image_codec_decoder_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/error.h"
#include "limits.h"
#include "format.h"
#include "source.h"

struct novita_image_info {
  enum novita_format format;
  int width, height;   /* as stored */
  int channels;        /* of the rows */
  int bits;            /* a sample in the file: 1, 2, 4, 8 or 16 */
  bool alpha;          /* may be other than opaque */
  int orientation;     /* EXIF, 1 to 8 */
  bool cmyk;            /* CMYK in the file: see novita_decoder_keep_cmyk */
  int planes;          /* that may be had instead of rows: 0, 1 or 3 */
};

/* Planes of a picture that is kept so (a JPEG: Y, Cb, Cr, or Y alone), full
** range, each with a resolution of its own, samples centred. */
#define NOVITA_PLANES 3
struct novita_plane_layout {
  int count;                       /* 1 or 3 */
  struct {
    int width, height;             /* samples */
    double samples_x, samples_y;   /* samples a pixel of the stored picture */
  } plane[NOVITA_PLANES];
};

/* the samples of a plane that somebody will look at; 'right' and 'bottom' are
** outside */
struct novita_plane_window { int left, right, top, bottom; };

/* some rows of each plane, in the decoder's own memory until the next call */
struct novita_plane_row_block {
  struct {
    const uint8_t *data;
    size_t stride;
    int first, rows;               /* 'rows' may be 0 */
  } plane[NOVITA_PLANES];
};

struct novita_decoder;

/* one a format; the functions return 0 or -1 */
struct novita_decoder_type {
  bool whole; /* needs the file in one piece */
  int (*open) (struct novita_decoder *d, struct novita_error *e);
  int (*row) (struct novita_decoder *d, uint8_t *row, struct novita_error *e);
  int (*finish) (struct novita_decoder *d, struct novita_error *e);
  void (*close) (struct novita_decoder *d);
  /* NULL where the format has no such thing */
  int (*shrink) (struct novita_decoder *d, int divisor,
                 struct novita_error *e);
  int (*planes) (struct novita_decoder *d, struct novita_plane_layout *layout,
                 struct novita_error *e);
  int (*row_block) (struct novita_decoder *d,
                    struct novita_plane_row_block *row_block,
                    struct novita_error *e);
};

struct novita_decoder {
  const struct novita_decoder_type *type;
  void *state;                     /* the format's own; NULL when closed */
  struct novita_source_reader *file;       /* the caller's; its start, until the first
                                   ** row or band; all of it where 'whole' */
  struct novita_limits limits;
  struct novita_image_info info;
  int width, height;               /* of the rows: info's, or smaller */
  int divisor;                     /* by which they are smaller: 1, 2, 4, 8 */
  struct novita_plane_window window[NOVITA_PLANES];  /* others may be anything */
  bool lenient;
  bool truncated;                  /* something was missing or damaged */
  int next;                        /* number of the next row */
  double deadline;                 /* a point on novita_clock_now */
};

NOVITA_FUNC const struct novita_decoder_type novita_jpeg_decode_type;
NOVITA_FUNC const struct novita_decoder_type novita_png_decode_type;
NOVITA_FUNC const struct novita_decoder_type novita_webp_decode_type;

NOVITA_FUNC int novita_decoder_open (struct novita_decoder *d,
                                     struct novita_source_reader *file,
                                     const struct novita_limits *limits,
                                     bool lenient, struct novita_error *e);
NOVITA_FUNC int novita_decoder_row (struct novita_decoder *d, uint8_t *row,
                                    struct novita_error *e);
NOVITA_FUNC int novita_decoder_finish (struct novita_decoder *d,
                                       struct novita_error *e);
NOVITA_FUNC void novita_decoder_close (struct novita_decoder *d);

/* before the first row of a picture with 'ink': rows will be CMYK with 255 for
** full ink, 4 channels of which none is alpha, instead of RGB by a rule of
** thumb */
NOVITA_FUNC void novita_decoder_keep_cmyk (struct novita_decoder *d);

/* -1 when the time that the limits allow is over; rows check it themselves,
** this is for loops inside of a format and behind it */
NOVITA_FUNC int novita_decoder_check_time (const struct novita_decoder *d,
                                           struct novita_error *e);

/* -1 when 'bytes' at once are more than the limits allow */
NOVITA_FUNC int novita_decoder_check_memory (const struct novita_decoder *d,
                                             uint64_t bytes,
                                             struct novita_error *e);

/* Rows and planes of about 1/divisor the size (2, 4 or 8), where the format
** gives them cheaply: 'd->divisor' tells. Sample x of them is
** centred on that of the whole. Before the first row. */
NOVITA_FUNC int novita_decoder_shrink (struct novita_decoder *d, int divisor,
                                       struct novita_error *e);

/* Instead of rows, where 'info.planes' is not 0: how the planes are; then
** bands until 'd->next' is 'd->height'. Between the two 'd->wanted' may be
** narrowed, which saves time: it starts as all. */
NOVITA_FUNC int novita_decoder_planes (struct novita_decoder *d,
                                       struct novita_plane_layout *layout,
                                       struct novita_error *e);
NOVITA_FUNC int novita_decoder_row_block (
  struct novita_decoder *d, struct novita_plane_row_block *row_block,
  struct novita_error *e);

/* for the formats: the size is known and must be allowed before more is read */
NOVITA_FUNC int novita_decoder_set_size (struct novita_decoder *d,
                                         uint32_t width, uint32_t height,
                                         struct novita_error *e);
/* for the formats: the file ends where more should follow */
NOVITA_FUNC int novita_decoder_fail_truncated (struct novita_decoder *d,
                                               struct novita_error *e);
/* for the formats: what a lenient decoder gives for a row that is not there:
** nothing where there is alpha, else middle gray */
NOVITA_FUNC void novita_decoder_fill_missing (struct novita_decoder *d,
                                              uint8_t *row);

#endif
