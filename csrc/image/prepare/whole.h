/*
** whole.h: prepares a photo whose part is chosen by what sees it (chooser.h).
**
** Looking costs little if the whole photo is resized at once, as the part will
** be, and kept: it is decoded a single time. Then the chooser sees what is
** kept, and its part is cut out of it. For that the part moves to the next
** whole pixel of the result. This is possible for a part of the largest size
** that the photo has room for, which is the usual one. A smaller one, and a
** photo of unusual shape, are decoded twice.
*/
#ifndef novita_image_prepare_whole_h
#define novita_image_prepare_whole_h

#include <stdbool.h>

#include "pipeline.h"

/* Is there a choice? */
NOVITA_FUNC bool novita_whole_has_choice (
  const struct novita_prepare_options *options);

/* can all of it be kept? */
NOVITA_FUNC bool novita_whole_applies (const struct novita_pipeline *pipeline);

/* Changes the plan from the middle to the whole photo, to be kept. */
NOVITA_FUNC int novita_whole_plan (struct novita_pipeline *pipeline,
                                   struct novita_error *e);

/* Lets the chooser see what is kept, and encodes the part; or sets 'again'.
*/
NOVITA_FUNC int novita_whole_finish (struct novita_pipeline *pipeline,
                                     struct novita_error *e);

/* If the whole is not kept: decodes a small one for the chooser, and sets
** 'again'. */
NOVITA_FUNC int novita_whole_look (struct novita_pipeline *pipeline,
                                   const struct novita_source *source,
                                   struct novita_error *e);

#endif
