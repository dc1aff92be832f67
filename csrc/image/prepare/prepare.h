/*
** prepare.h: turns a photo into the image to upload: decodes, crops, resizes,
** rotates it upright, composites it on a background and encodes it, in one pass
** over its rows. Any thread may call this; calls share nothing.
**
** Error texts are predicates ("is cut off (row 12 of 900): copy the file
** again"): the caller puts the file's name in front. Kind NOVITA_ERROR_IMAGE
** has the codes "not_an_image", "unsupported", "truncated", "corrupt",
** "too_large", "too_slow", "crop" and "encode". Kind NOVITA_ERROR_FILE has
** "not_found", "denied", "not_a_file", "unreadable" and "too_many_files".
*/
#ifndef novita_image_prepare_prepare_h
#define novita_image_prepare_prepare_h

#include <stdbool.h>

#include "../../base/buffer.h"
#include "../../base/error.h"
#include "../codec/decoder.h"
#include "../codec/source.h"
#include "../colour/colour.h"
#include "measure.h"
#include "options.h"

struct novita_prepare_result {
  struct novita_buffer bytes;          /* the encoded image */
  int width, height;
  enum novita_format format;
  int source_width, source_height;     /* as displayed */
  enum novita_format source_format;
  int orientation;                     /* EXIF of the source, 1 to 8 */
  struct novita_box crop;              /* the part used, as displayed */
  bool alpha;                          /* of the source */
  bool truncated;                      /* lenient, and something was missing */
  enum novita_colour_state colour;  /* the profile found, and what was done */
  double scale;                        /* of result to source, the larger of
                                       ** both sides; above 1 = enlarged */
  struct novita_measures measures;     /* of the result, without its frame */
  bool passed_through;                 /* the coded pixels were copied */
};

struct novita_probe_result {
  enum novita_format format;
  int width, height;                   /* as displayed */
  int orientation;
  int channels, bits;                  /* of the file */
  bool alpha;
};

/* On success 'out' owns its bytes: free them with novita_prepare_result_free.
** 'cache' may be NULL; a thread that prepares many photos passes the same one
** each time. */
NOVITA_FUNC int novita_image_prepare (
  const struct novita_source *source,
  const struct novita_prepare_options *options,
  struct novita_weights_cache *cache, struct novita_prepare_result *out,
  struct novita_error *e);
NOVITA_FUNC void novita_prepare_result_free (struct novita_prepare_result *out);

/* reads only the header; of a JPEG file, only its start */
NOVITA_FUNC int novita_image_probe (const struct novita_source *source,
                                    const struct novita_limits *limits,
                                    bool lenient,
                                    struct novita_probe_result *out,
                                    struct novita_error *e);

#endif
