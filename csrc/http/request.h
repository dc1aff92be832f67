/*
** request.h: one HTTP call with its repetitions: what is wished, what came back.
**
** The owner fills the wishes, starts the call and keeps the memory until
** 'done' has run or novita_request_cancel has returned. 'done' runs once, inside
** novita_loop_step; an answer of any status is a success here (kind
** NOVITA_ERROR_NONE), what the status means is for the floor above.
*/
#ifndef novita_http_request_h
#define novita_http_request_h

#include <curl/curl.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../event/loop.h"
#include "../event/op.h"
#include "../event/timer.h"
#include "http.h"

enum novita_method { NOVITA_METHOD_GET, NOVITA_METHOD_POST, NOVITA_METHOD_PUT };

enum {
  NOVITA_REQUEST_AUTHENTICATED = 1,      /* API call: send the key, if the origin is the API's */
  NOVITA_REQUEST_PAID = 2,       /* costs money: fresh connection, sent at most once */
  NOVITA_REQUEST_ONCE = 4,       /* the owner repeats by himself */
  NOVITA_REQUEST_BULK = 8,       /* many bytes: watch the speed instead of the time */
  NOVITA_REQUEST_REDIRECTS = 16, /* follow up to 3, https only, without the key */
  NOVITA_REQUEST_SMALL = 32      /* a few hundred bytes come back: no compression */
};

/* A call without NOVITA_REQUEST_AUTHENTICATED goes where an answer told us to: not to private
** addresses (address.h), unless the API is on this machine itself or the host
** is the API's own. */

/* bytes to send: from memory, or from a descriptor read with pread */
struct novita_request_body {
  const char *bytes;   /* NULL: from 'fd' */
  int fd;
  uint64_t len;
};

struct novita_request {
  /* wishes */
  enum novita_method method;
  int flags;
  char *url;                   /* malloc'd, freed by novita_request_free */
  struct novita_request_body body;
  struct curl_slist *headers;  /* for calls that are not keyed; freed with it */
  struct novita_buffer response;  /* born with its limit; or ... */
  int sink;                    /* ... a file to write to; -1 = none */
  uint64_t sink_limit;
  double deadline;             /* of the whole call; NOVITA_NEVER = none */
  double try_seconds;          /* of one attempt; 0 = none */
  void (*done) (struct novita_request *request);

  /* what came back */
  struct novita_error error;   /* kind NOVITA_ERROR_NONE: there is an answer */
  long status;
  double retry_after;          /* seconds, 0 = not said */
  char date[40];               /* the server's Date header, "" = none */
  char content_range[64];      /* "bytes 0-9/100", "" = none */
  char etag[80];               /* "" = none, or longer than this */
  bool headers_done;                 /* the answer's head has come to its end */
  int attempts;
  bool sent;                   /* a byte of the last attempt has left */
  uint64_t sent_bytes;              /* body bytes given to the network so far */
  uint64_t received;           /* reply bytes so far, decompressed */

  /* the pool's own */
  struct novita_pool *pool;
  struct novita_request *next, *prev;  /* in the queue or the running list */
  struct novita_timer timer;        /* deadline in the queue, the backoff, or
                                       at once for one that is broken */
  CURL *easy;                       /* while an attempt runs */
  enum { NOVITA_REQUEST_STATE_IDLE, NOVITA_REQUEST_STATE_QUEUED, NOVITA_REQUEST_STATE_RUNNING,
         NOVITA_REQUEST_STATE_PAUSING } place;
  bool too_big;                     /* the reply passed its limit */
  bool block_private;                     /* may not connect to private addresses */
  bool blocked_private;                  /* and would have had to */
  int no_socket;                    /* errno of one that could not be had */
  bool broken;                      /* the timer will end it: see 'error' */
  int redirects;
  int requests;                     /* of this attempt: see on_request */
  struct novita_origin origin;      /* of 'url' */
};

NOVITA_FUNC void novita_request_init (struct novita_request *request,
                                   size_t response_limit);
NOVITA_FUNC void novita_request_free (struct novita_request *request);

/* -1 and 'e' when the URL is not one we talk to, or without memory; 'done' is
** not called then */
NOVITA_FUNC int novita_request_start (struct novita_pool *pool,
                                   struct novita_request *request,
                                   struct novita_error *e);
/* 'done' is not called afterwards; does nothing to an idle call */
NOVITA_FUNC void novita_request_cancel (struct novita_request *request);

/* between http's own files: what an exchange tells the call */
NOVITA_FUNC void novita_request_attempt_done (struct novita_request *request,
                                       CURLcode code);
/* this machine lacks what the attempt needs, as 'error' says: the call ends
** with the next step of the loop, not inside of whoever found out */
NOVITA_FUNC void novita_request_break (struct novita_request *request);

#endif
