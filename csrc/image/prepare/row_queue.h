/*
** row_queue.h: queues rows of planes for an encoder that takes row blocks. Each
** plane's rows arrive at their own pace: rows of one that is ahead of the
** others wait here, and there is always room for them.
*/
#ifndef novita_image_prepare_row_queue_h
#define novita_image_prepare_row_queue_h

#include <stdbool.h>

#include "../codec/planes.h"

#define NOVITA_ROW_QUEUE_BLOCK 16  /* pixel rows per block */

struct novita_row_queue {
  struct novita_planes rows;   /* its height is the capacity */
  int planes;                  /* planes that get rows; the rest stay neutral */
  int chroma;                  /* 444 or 420 */
  int have[NOVITA_PLANES];     /* waiting rows */
  int left;                    /* pixel rows not yet taken out */
};

/* For an image of that size; the first 'planes' of its 'count' planes get rows.
*/
NOVITA_FUNC int novita_row_queue_open (struct novita_row_queue *s, int width,
                                       int height, int count, int planes,
                                       int chroma, struct novita_error *e);
NOVITA_FUNC void novita_row_queue_close (struct novita_row_queue *s);

/* the memory for the next row of plane 'i', NULL on out-of-memory; then call
** put */
NOVITA_FUNC uint8_t *novita_row_queue_slot (struct novita_row_queue *s, int i,
                                            struct novita_error *e);
NOVITA_FUNC void novita_row_queue_put (struct novita_row_queue *s, int i);

/* Returns true and the next row block, valid until drop, or false if rows are
** missing or all are taken out. */
NOVITA_FUNC bool novita_row_queue_row_block (const struct novita_row_queue *s,
                                             struct novita_planes *row_block);
NOVITA_FUNC void novita_row_queue_drop (struct novita_row_queue *s,
                                        const struct novita_planes *row_block);

#endif
