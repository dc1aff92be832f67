/*
** upload.h: upload one photo to the training data: presign, PUT, asset id.
** An upload holds one of a few slots from its presign to the end of its PUT,
** so that no URL expires in a queue; the others wait without a URL.
*/
#ifndef novita_http_upload_h
#define novita_http_upload_h

#include "../event/op.h"
#include "presign.h"
#include "request.h"

struct novita_upload_queue {   /* one per client */
  struct novita_pool *pool;
  struct novita_list waiting;  /* uploads without a slot */
  int active, slots;
  bool admitting;              /* the loop that starts uploads is running */
};

struct novita_upload {
  struct novita_op op;           /* first member */
  /* options */
  struct novita_request_body body;  /* the caller keeps the bytes alive */
  const char *extension;         /* static: "jpeg", "png" or "webp" */
  double deadline;
  double try_seconds;            /* for one presign; a PUT has a speed limit */

  /* result */
  struct novita_error error;     /* kind NOVITA_ERROR_NONE: see 'asset_id' */
  char asset_id[NOVITA_ASSET_ID];
  long status;                   /* of the response that refused, if any */
  struct novita_buffer response; /* its body */
  double retry_after;

  /* state */
  struct novita_upload_queue *queue;
  struct novita_list_node node;  /* in 'waiting' */
  struct novita_request request; /* the presign, then the PUT */
  int renewals;                  /* how often an expired URL was replaced */
  bool active;                   /* holds a slot */
};

NOVITA_FUNC void novita_upload_queue_init (struct novita_upload_queue *queue,
                                           struct novita_pool *pool,
                                           int slots);

NOVITA_FUNC void novita_upload_init (struct novita_upload *up);
NOVITA_FUNC void novita_upload_free (struct novita_upload *up);
NOVITA_FUNC void novita_upload_start (struct novita_upload_queue *queue,
                                      struct novita_upload *up);
/* body bytes sent so far; starts again when the PUT is repeated */
NOVITA_FUNC uint64_t novita_upload_sent_bytes (const struct novita_upload *up);

#endif
