/*
** request_state.h: the parts of a request. Its functions are in request.h.
*/
#ifndef novita_http_request_state_h
#define novita_http_request_state_h

#include "../base/buffer.h"
#include "multi.h"
#include "origin/origin.h"
#include "watchdog.h"

struct novita_pool;
struct novita_request;

enum novita_method { NOVITA_METHOD_GET, NOVITA_METHOD_POST, NOVITA_METHOD_PUT };

enum novita_request_flag {
  /* an API request: send the key, if the origin is the API's */
  NOVITA_REQUEST_AUTHENTICATED = 1,
  /* costs money: on a fresh connection, and sent at most once */
  NOVITA_REQUEST_PAID = 2,
  /* no retries: the caller repeats the request */
  NOVITA_REQUEST_ONCE = 4,
  /* a file: limit the speed instead of the time, and see compression.h */
  NOVITA_REQUEST_BULK = 8,
  /* follow up to 3 redirects, https only, without the key */
  NOVITA_REQUEST_REDIRECTS = 16,
  /* the response has a few hundred bytes: see compression.h */
  NOVITA_REQUEST_SMALL = 32,
  /* a part of a file is asked for: the body of a 206 is for the sink, too */
  NOVITA_REQUEST_RANGE = 64,
  /* paid, and has 'send_by': a process that wakes later, with a part of the
  ** request still to be written, is killed (watchdog.h) */
  NOVITA_REQUEST_WATCHDOG = 128
};

/* A request without NOVITA_REQUEST_AUTHENTICATED goes to a URL from a
** response. It goes to public addresses only (address.h), or to private ones if
** its host is a public name, unless the API itself is on this machine or the
** host is the API's. */

/* bytes to send: from memory, or from a descriptor read with pread */
struct novita_request_body {
  const char *bytes;   /* NULL: from 'fd' */
  int fd;
  uint64_t len;
};

/* set by the caller before the start */
struct novita_request_options {
  enum novita_method method;
  int flags;                   /* enum novita_request_flag */
  char *url;                   /* malloc'd, freed by novita_request_free */
  const char *target;          /* path and query to ask for, encoded; then the
                               ** URL is the API's root. NULL = the URL's */
  struct novita_request_body body;
  struct curl_slist *headers;  /* if not authenticated; freed like the URL */
  int sink;                    /* a file for the body of a 200; -1 = none */
  uint64_t sink_start;         /* the bytes of it that stay; then a 200, which
                               ** brings the whole file, is too big */
  uint64_t sink_limit;
  double deadline;             /* of all attempts; NOVITA_NEVER = none */
  double try_seconds;          /* for one attempt; 0 = no limit */
  double send_by;              /* by novita_clock_boot: later, not a byte is
                               ** sent; NOVITA_NEVER = whenever */
  void (*done) (struct novita_request *request);
  /* an attempt has failed, and another one follows after a pause; may be
  ** NULL */
  void (*paused) (struct novita_request *request);
};

struct novita_request_result {
  struct novita_error error;   /* kind NOVITA_ERROR_NONE: there is a response */
  struct novita_origin origin; /* of the last URL */
  struct novita_buffer response;  /* the body, unless it went to the sink */
  long status;
  double retry_after;          /* seconds, 0 = not given */
  int64_t date;                /* of the server, in Unix seconds; -1 = none */
  char content_range[64];      /* "bytes 0-9/100", "" = none */
  char etag[80];               /* "" = none, or longer than this */
  char emulator[40];           /* what the emulator says of itself, "" = it is
                               ** none */
  int attempts;
  bool sent;                   /* a byte of the last attempt was sent to the
                               ** server; bytes for a proxy do not count */
  uint64_t sent_bytes;         /* body bytes given to the network so far */
  uint64_t received;           /* response bytes so far, decompressed */
};

/* for the files of this folder */
struct novita_request_state {
  struct novita_pool *pool;
  struct novita_transfer transfer;
  struct novita_timer timer;   /* the deadline in the queue, the pause before
                               ** an attempt, or the end of a broken request */
  bool broken;                 /* the timer will end it with 'result.error' */
  int redirects;
  /* of this attempt: */
  bool headers_done;           /* the response's headers are complete */
  char retry_after[40];        /* the header's value, "" = none */
  bool too_big;                /* the response exceeded its limit */
  bool public_only;            /* may connect to public addresses only, ... */
  bool allow_private;          /* ... or to private ones too, and ... */
  char blocked[48];            /* ... would have had to connect to this one */
  int no_socket;               /* errno of a failed socket */
  bool proxied;                /* goes through a proxy */
  int sends;                   /* see on_request in sending.c */
  long to_proxy;               /* bytes sent before the request */
  struct novita_watchdog watchdog;  /* until the network has the request */
};

struct novita_request {
  struct novita_request_options options;
  struct novita_request_result result;
  struct novita_request_state state;
};

#endif
