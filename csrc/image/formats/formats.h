/*
** formats.h: the formats that are known: finds the type of a file or of the
** options, and opens a decoder or encoder of it.
**
** The formats call functions of codec/, and codec/ knows none of them: the
** tables are here, above both.
*/
#ifndef novita_image_formats_formats_h
#define novita_image_formats_formats_h

#include "../codec/decoder.h"
#include "../codec/encoder.h"

/* what must be installed to read the format, or NULL */
NOVITA_FUNC const char *novita_formats_missing (enum novita_format format);

/* sniffs, checks the limits, reads the header */
NOVITA_FUNC int novita_formats_open_decoder (struct novita_decoder *d,
                                             struct novita_source_reader *file,
                                             const struct novita_limits *limits,
                                             bool lenient,
                                             struct novita_error *e);

/* checks the size against the format */
NOVITA_FUNC int novita_formats_open_encoder (
  struct novita_encoder *c, const struct novita_encoder_options *options,
  int width, int height, int channels, struct novita_buffer *out,
  struct novita_error *e);

/* can the format hold this size? Call it before any work is done. */
NOVITA_FUNC int novita_formats_check_size (enum novita_format format, int width,
                                           int height, struct novita_error *e);

/* may planes come in row blocks? Else they come whole. */
NOVITA_FUNC bool novita_formats_take_row_blocks (
  const struct novita_encoder_options *options);

#endif
