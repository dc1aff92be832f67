/*
** pipeline.h: the state of one photo in prepare.c, which opens it, plans the
** geometry and processes it in one of three ways:
**
**   pass_through.c  already fits the options: checked and copied
**   planes.c        a JPEG in its own Y'CbCr planes
**   rows.c          everything else, as rows of gray or RGB
**
** The last two encode their result, or keep it for whole.c.
*/
#ifndef novita_image_prepare_pipeline_h
#define novita_image_prepare_pipeline_h

#include <stdbool.h>

#include "../codec/decoder.h"
#include "../codec/source.h"
#include "../colour/colour.h"
#include "geometry.h"
#include "measure.h"
#include "options.h"
#include "resized.h"

/* zeroed first, so that it can be closed at any point */
struct novita_pipeline {
  const struct novita_prepare_options *options;
  struct novita_weights_cache *cache;  /* or NULL */
  struct novita_source_reader bytes;
  struct novita_decoder decoder;
  struct novita_colour colour;
  struct novita_measure measure;  /* opened by the chosen way */
  struct novita_geometry plan;
  struct novita_buffer *out;   /* the encoded image */
  bool passed_through;
  bool keeps;                  /* the result is not encoded, but kept: */
  struct novita_resized resized;
  struct novita_geometry middle;  /* the plan without a look (whole.c) */
  bool has_part;               /* the chooser has chosen: */
  struct novita_box part;
  bool again;                  /* prepare it again from its start, with the part
                               ** if there is one */
};

/* Does the file fit the options, as far as its header says? If so, run copies
** it, after checking that it is complete. If it does not end as it should, run
** returns 0 without 'passed_through': it must be encoded again. */
NOVITA_FUNC bool novita_pass_through_applies (
  const struct novita_pipeline *pipeline);
NOVITA_FUNC int novita_pass_through_run (struct novita_pipeline *pipeline,
                                         struct novita_error *e);

/* Can the photo be processed in planes? If so, run does it. */
NOVITA_FUNC bool novita_prepare_planes_applies (
  const struct novita_pipeline *pipeline);
NOVITA_FUNC int novita_prepare_planes_run (struct novita_pipeline *pipeline,
                                           struct novita_error *e);

NOVITA_FUNC int novita_prepare_rows_run (struct novita_pipeline *pipeline,
                                         struct novita_error *e);

#endif
