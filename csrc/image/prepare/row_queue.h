/*
** row_queue.h: rows of the planes of a picture on their way to an encoder that
** takes bands. Each plane's rows come at their own pace: what one has ahead of
** the others waits here, and there is always room for it.
*/
#ifndef novita_image_prepare_row_queue_h
#define novita_image_prepare_row_queue_h

#include <stdbool.h>

#include "../codec/planes.h"

#define NOVITA_ROW_QUEUE_BLOCK 16  /* rows of pixels that an encoder takes at a time */

struct novita_row_queue {
  struct novita_planes rows;   /* its height is the room */
  int planes;                   /* planes that rows come of; the rest is neutral */
  int chroma;                  /* 444 or 420 */
  int have[NOVITA_PLANES];     /* rows that wait */
  int left;                    /* rows of pixels that are still to come out */
};

/* for a picture of that size; 'lanes' of its 'count' planes will get rows */
NOVITA_FUNC int novita_row_queue_open (struct novita_row_queue *s, int width,
                                       int height, int count, int planes,
                                       int chroma, struct novita_error *e);
NOVITA_FUNC void novita_row_queue_close (struct novita_row_queue *s);

/* where the next row of plane 'i' goes, NULL without memory; then 'put' */
NOVITA_FUNC uint8_t *novita_row_queue_slot (struct novita_row_queue *s, int i,
                                            struct novita_error *e);
NOVITA_FUNC void novita_row_queue_put (struct novita_row_queue *s, int i);

/* 1 and the next band, which is good until 'drop', or 0 where rows are missing
** or all are out */
NOVITA_FUNC bool novita_row_queue_row_block (const struct novita_row_queue *s,
                                             struct novita_planes *row_block);
NOVITA_FUNC void novita_row_queue_drop (struct novita_row_queue *s,
                                        const struct novita_planes *row_block);

#endif
