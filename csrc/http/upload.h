/*
** upload.h: one picture to the training data: presign, PUT, asset id.
** An upload holds one of a few places from its presign to the end of its PUT,
** so that no URL grows old in a queue; the others wait without a URL.
*/
#ifndef novita_http_upload_h
#define novita_http_upload_h

#include "request.h"
#include "presign.h"

struct novita_upload;

struct novita_upload_queue {   /* the places; one per client */
  struct novita_pool *pool;
  struct novita_upload *first, *last;  /* waiting for a place */
  int active, most;
};

struct novita_upload {
  struct novita_op op;           /* first member */
  /* wishes */
  struct novita_request_body body;       /* what to send; the owner keeps it alive */
  const char *extension;         /* static: "jpeg", "png" or "webp" */
  double deadline;
  double try_seconds;            /* of one presign; a PUT's speed is watched */

  /* what came of it */
  struct novita_error error;     /* kind NOVITA_ERROR_NONE: there is an asset id */
  char asset_id[NOVITA_ASSET_ID];
  long status;                   /* of the refusing answer, if one refused */
  struct novita_buffer response;   /* its body */
  double retry_after;

  /* its own */
  struct novita_upload_queue *uploads;
  struct novita_upload *next, *prev;   /* while it waits for a place */
  struct novita_request request;       /* the presign, then the PUT */
  int renewals;                  /* URLs fetched again: one has expired, ... */
  bool placed;
};

NOVITA_FUNC void novita_upload_queue_init (struct novita_upload_queue *u,
                                      struct novita_pool *pool, int most);

NOVITA_FUNC void novita_upload_init (struct novita_upload *up);
NOVITA_FUNC void novita_upload_free (struct novita_upload *up);
NOVITA_FUNC void novita_upload_start (struct novita_upload_queue *u,
                                      struct novita_upload *up);
/* body bytes sent so far; starts again with a repeated PUT */
NOVITA_FUNC uint64_t novita_upload_sent_bytes (const struct novita_upload *up);

#endif
