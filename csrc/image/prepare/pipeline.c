/*
** pipeline.c: see pipeline.h
*/
#include "pipeline.h"


int novita_pipeline_fills (const struct novita_pipeline *pipeline) {
  const struct novita_geometry *plan = &pipeline->plan;
  return plan->shown_width == plan->width &&
         plan->shown_height == plan->height;
}
