/*
** chooser.h: what sees all of a photo and chooses the part that is used. It
** sees the photo in the sizes that it asks for.
*/
#ifndef novita_image_prepare_chooser_h
#define novita_image_prepare_chooser_h

#include "../../base/error.h"
#include "../codec/pixels.h"
#include "../resample/resample.h"
#include "../resample/weights_cache.h"
#include "resized.h"

/* all of a photo, upright */
struct novita_look {
  int width, height;                     /* of the photo, as displayed */
  const struct novita_resized *resized;
  struct novita_weights_cache *cache;    /* or NULL */
};

struct novita_chooser {
  int side;  /* pixels of the longer side that it asks for at most */
  /* Writes a part of the photo, as displayed, whose width is 'aspect' times its
  ** height, and returns 1; or returns 0, for the middle; or -1 after an error.
  */
  int (*choose) (struct novita_chooser *c, const struct novita_look *look,
                 double aspect, struct novita_box *part,
                 struct novita_error *e);
};

/* The photo in small: upright, RGB; its longer side has 'side' pixels. On
** success the caller closes 'out'. */
NOVITA_FUNC int novita_chooser_look (const struct novita_look *look, int side,
                                     struct novita_pixels *out,
                                     struct novita_error *e);

#endif
