/*
** http.h: the connections of one client. A pool of easy handles, at most one
** per connection, with our own queue in front: ten thousand waiting calls
** cost their own memory and nothing of libcurl's.
*/
#ifndef novita_http_http_h
#define novita_http_http_h

#include <curl/curl.h>

#include "../base/token_bucket.h"
#include "../event/loop.h"
#include "origin.h"
#include "retry.h"

struct novita_call;

struct novita_call_list {
  struct novita_call *first, *last;
};

struct novita_http_options {
  const char *base_url;    /* the API's origin, without a path */
  const char *key;         /* NULL or "" = none */
  const char *ca_file;     /* NULL = the system's */
  const char *user_agent;
  int connections;         /* easy handles, 1 to 256 */
  double connect_seconds;
  struct novita_retry retry;
};

struct novita_http {
  struct novita_loop *loop;
  CURLM *multi;
  struct novita_origin api;
  char *base_url;
  struct curl_slist *keyed, *plain;  /* only 'keyed' has the key */
  CURL **idle;                       /* easy handles without work */
  int idle_count, easy_count, connections;
  struct novita_call_list queue;     /* waiting for an easy handle */
  struct novita_call_list running;   /* have one, or are pausing */
  struct novita_timer curl_timer;    /* libcurl's own */
  struct novita_budget retries;
  struct novita_retry retry;
  struct novita_random random;
  char *ca_file, *user_agent;
  double connect_seconds;
  bool worn;                         /* the multi handle may not be used */
  bool closing;
};

/* curl_global_init, once a process and thread safe; -1 also where libcurl is
** older than what was compiled in */
NOVITA_FUNC int novita_http_global (struct novita_error *e);

NOVITA_FUNC int novita_http_open (struct novita_http *http,
                                  struct novita_loop *loop,
                                  const struct novita_http_options *options,
                                  struct novita_error *e);
/* every call must have been cancelled or be done */
NOVITA_FUNC void novita_http_close (struct novita_http *http);

/* overwrite the key wherever a server's answer repeats it */
NOVITA_FUNC void novita_http_redact (const struct novita_http *http,
                                     char *text, size_t len);

/* between http's own files */
NOVITA_FUNC void novita_http_enqueue (struct novita_http *http,
                                      struct novita_call *call);
NOVITA_FUNC void novita_http_dequeue (struct novita_http *http,
                                      struct novita_call *call);
NOVITA_FUNC void novita_http_release (struct novita_http *http,
                                      struct novita_call *call);
NOVITA_FUNC void novita_http_pump (struct novita_http *http);
/* a multi handle that belongs to our loop; NULL without memory */
NOVITA_FUNC CURLM *novita_multi_make (struct novita_http *http);
/* another one for a worn one, as soon as no transfer is in that; true when
** there is one to work with */
NOVITA_FUNC bool novita_multi_renew (struct novita_http *http);
/* the moment that libcurl waits for */
NOVITA_FUNC void novita_multi_alarm (struct novita_timer *timer);
NOVITA_FUNC void novita_calls_append (struct novita_call_list *list,
                                      struct novita_call *call);
NOVITA_FUNC void novita_calls_remove (struct novita_call_list *list,
                                      struct novita_call *call);

#endif
