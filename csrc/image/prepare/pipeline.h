/*
** pipeline.h: one photo on its way through prepare.c, which opens it, plans it and
** sends it one of three ways. Each way is a file of its own:
**
**   pass_through.c     it already is what is wanted: checked, copied
**   planes.c   a JPEG in its own Y'CbCr planes
**   rows.c     everything else, as rows of gray or RGB
*/
#ifndef novita_image_prepare_pipeline_h
#define novita_image_prepare_pipeline_h

#include <stdbool.h>

#include "../colour/colour.h"
#include "../codec/decoder.h"
#include "geometry.h"
#include "measure.h"
#include "../codec/source.h"
#include "options.h"

/* zeroed first, so that it may be closed at any point */
struct novita_pipeline {
  const struct novita_prepare_options *options;
  struct novita_weights_cache *cache;  /* or NULL */
  struct novita_source_reader bytes;
  struct novita_decoder decoder;
  struct novita_colour colour;
  struct novita_measure measure;  /* opened by the way that is taken */
  struct novita_geometry plan;
  struct novita_buffer *out;   /* the encoded picture */
  bool passed_through;
};

/* is the file what is wanted, as far as its header tells? Then: a copy, once
** it has shown to be whole */
NOVITA_FUNC bool novita_pass_through_applies (
  const struct novita_pipeline *pipeline);
NOVITA_FUNC int novita_pass_through_run (struct novita_pipeline *pipeline,
                                         struct novita_error *e);

/* can it be done in planes? Then the work. */
NOVITA_FUNC bool novita_prepare_planes_applies (
  const struct novita_pipeline *pipeline);
NOVITA_FUNC int novita_prepare_planes_run (struct novita_pipeline *pipeline,
                                           struct novita_error *e);

NOVITA_FUNC int novita_prepare_rows_run (struct novita_pipeline *pipeline,
                                         struct novita_error *e);

#endif
