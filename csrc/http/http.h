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
#include "../event/op.h"
#include "../event/timer.h"
#include "origin.h"
#include "retry.h"

struct novita_request;

struct novita_request_list {
  struct novita_request *first, *last;
};

struct novita_pool_options {
  const char *base_url;    /* the API's origin, without a path */
  const char *key;         /* NULL or "" = none */
  const char *ca_file;     /* NULL = the system's */
  const char *user_agent;
  int connections;         /* easy handles, 1 to 256 */
  double connect_seconds;
  struct novita_retry retry;
};

struct novita_pool {
  struct novita_loop *loop;
  CURLM *multi;
  struct novita_origin api;
  char *base_url;
  struct curl_slist *authenticated, *plain;  /* only 'keyed' has the key */
  CURL **idle;                       /* easy handles without work */
  int idle_count, easy_count, connections;
  struct novita_request_list queue;     /* waiting for an easy handle */
  struct novita_request_list running;   /* have one, or are pausing */
  struct novita_timer curl_timer;    /* libcurl's own */
  struct novita_token_bucket retries;
  struct novita_retry retry;
  struct novita_random random;
  char *ca_file, *user_agent;
  double connect_seconds;
  bool multi_broken;                         /* the multi handle may not be used */
  bool closing;
};

/* curl_global_init, once a process and thread safe; -1 also where libcurl is
** older than what was compiled in */
NOVITA_FUNC int novita_http_global (struct novita_error *e);

NOVITA_FUNC int novita_pool_open (struct novita_pool *pool,
                                  struct novita_loop *loop,
                                  const struct novita_pool_options *options,
                                  struct novita_error *e);
/* every call must have been canceled or be done */
NOVITA_FUNC void novita_pool_close (struct novita_pool *pool);

/* overwrite the key wherever a server's answer repeats it */
NOVITA_FUNC void novita_http_redact (const struct novita_pool *pool,
                                     char *text, size_t len);

/* between http's own files */
NOVITA_FUNC void novita_pool_enqueue (struct novita_pool *pool,
                                      struct novita_request *request);
NOVITA_FUNC void novita_pool_dequeue (struct novita_pool *pool,
                                      struct novita_request *request);
NOVITA_FUNC void novita_pool_release (struct novita_pool *pool,
                                      struct novita_request *request);
NOVITA_FUNC void novita_pool_pump (struct novita_pool *pool);
/* a multi handle that belongs to our loop; NULL without memory */
NOVITA_FUNC CURLM *novita_multi_make (struct novita_pool *pool);
/* another one for a worn one, as soon as no transfer is in that; true when
** there is one to work with */
NOVITA_FUNC bool novita_multi_renew (struct novita_pool *pool);
/* the moment that libcurl waits for */
NOVITA_FUNC void novita_multi_alarm (struct novita_timer *timer);
NOVITA_FUNC void novita_pool_list_append (struct novita_request_list *list,
                                      struct novita_request *request);
NOVITA_FUNC void novita_pool_list_remove (struct novita_request_list *list,
                                      struct novita_request *request);

#endif
