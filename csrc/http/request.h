/*
** request.h: one HTTP call with its repetitions: what is wished, what came back.
**
** The owner fills the wishes, starts the call and keeps the memory until
** 'done' has run or novita_call_cancel has returned. 'done' runs once, inside
** novita_loop_step; an answer of any status is a success here (kind
** NOVITA_OK), what the status means is for the floor above.
*/
#ifndef novita_http_request_h
#define novita_http_request_h

#include <curl/curl.h>
#include <stdint.h>

#include "../base/buffer.h"
#include "../event/loop.h"
#include "http.h"

enum novita_method { NOVITA_GET, NOVITA_POST, NOVITA_PUT };

enum {
  NOVITA_KEYED = 1,      /* API call: send the key, if the origin is the API's */
  NOVITA_PAID = 2,       /* costs money: fresh connection, sent at most once */
  NOVITA_ONCE = 4,       /* the owner repeats by himself */
  NOVITA_BULK = 8,       /* many bytes: watch the speed instead of the time */
  NOVITA_REDIRECTS = 16, /* follow up to 3, https only, without the key */
  NOVITA_SMALL = 32      /* a few hundred bytes come back: no compression */
};

/* A call without NOVITA_KEYED goes where an answer told us to: not to private
** addresses (address.h), unless the API is on this machine itself or the host
** is the API's own. */

/* bytes to send: from memory, or from a descriptor read with pread */
struct novita_body {
  const char *bytes;   /* NULL: from 'fd' */
  int fd;
  uint64_t len;
};

struct novita_call {
  /* wishes */
  enum novita_method method;
  int flags;
  char *url;                   /* malloc'd, freed by novita_call_free */
  struct novita_body body;
  struct curl_slist *headers;  /* for calls that are not keyed; freed with it */
  struct novita_buffer reply;  /* born with its limit; or ... */
  int sink;                    /* ... a file to write to; -1 = none */
  uint64_t sink_limit;
  double deadline;             /* of the whole call; NOVITA_NEVER = none */
  double try_seconds;          /* of one attempt; 0 = none */
  void (*done) (struct novita_call *call);

  /* what came back */
  struct novita_error error;   /* kind NOVITA_OK: there is an answer */
  long status;
  double retry_after;          /* seconds, 0 = not said */
  char date[40];               /* the server's Date header, "" = none */
  char content_range[64];      /* "bytes 0-9/100", "" = none */
  char etag[80];               /* "" = none, or longer than this */
  bool headed;                 /* the answer's head has come to its end */
  int attempts;
  bool sent;                   /* a byte of the last attempt has left */
  uint64_t moved;              /* body bytes given to the network so far */
  uint64_t received;           /* reply bytes so far, decompressed */

  /* the pool's own */
  struct novita_http *http;
  struct novita_call *next, *prev;  /* in the queue or the running list */
  struct novita_timer timer;        /* deadline in the queue, the backoff, or
                                       at once for one that is broken */
  CURL *easy;                       /* while an attempt runs */
  enum { NOVITA_CALL_IDLE, NOVITA_CALL_QUEUED, NOVITA_CALL_RUNNING,
         NOVITA_CALL_PAUSING } place;
  bool too_big;                     /* the reply passed its limit */
  bool guarded;                     /* may not connect to private addresses */
  bool led_astray;                  /* and would have had to */
  int no_socket;                    /* errno of one that could not be had */
  bool broken;                      /* the timer will end it: see 'error' */
  int redirects;
  int requests;                     /* of this attempt: see on_request */
  struct novita_origin origin;      /* of 'url' */
};

NOVITA_FUNC void novita_call_init (struct novita_call *call,
                                   size_t reply_limit);
NOVITA_FUNC void novita_call_free (struct novita_call *call);

/* -1 and 'e' when the URL is not one we talk to, or without memory; 'done' is
** not called then */
NOVITA_FUNC int novita_call_start (struct novita_http *http,
                                   struct novita_call *call,
                                   struct novita_error *e);
/* 'done' is not called afterwards; does nothing to an idle call */
NOVITA_FUNC void novita_call_cancel (struct novita_call *call);

/* between http's own files: what an exchange tells the call */
NOVITA_FUNC void novita_call_answered (struct novita_call *call,
                                       CURLcode code);
/* this machine lacks what the attempt needs, as 'error' says: the call ends
** with the next step of the loop, not inside of whoever found out */
NOVITA_FUNC void novita_call_break (struct novita_call *call);

#endif
