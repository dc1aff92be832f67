/*
** pipeline.c: see pipeline.h
*/
#include "pipeline.h"


int novita_run_fills (const struct novita_run *run) {
  const struct novita_plan *plan = &run->plan;
  return plan->shown_width == plan->width &&
         plan->shown_height == plan->height;
}
