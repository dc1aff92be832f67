/*
** poll_request.h: a request for the status of one task. A scheduler has a few
** of them and reuses their memory, so that a poll allocates nothing.
*/
#ifndef novita_watch_poll_request_h
#define novita_watch_poll_request_h

#include "../http/request.h"

struct novita_poll;
struct novita_watch_scheduler;

#define NOVITA_POLL_REQUEST_PATH 64  /* the longest path, ... */
#define NOVITA_POLL_REQUEST_ID 255   /* ... and task id */

struct novita_poll_request {
  struct novita_request request;    /* first member */
  /* the path and the escaped id */
  char target[NOVITA_POLL_REQUEST_PATH + 3 * NOVITA_POLL_REQUEST_ID + 1];
  struct novita_watch_scheduler *scheduler;
  struct novita_poll *poll;         /* NULL while idle, or once canceled */
  struct novita_list_node node;     /* in the scheduler's idle list */
};

NOVITA_FUNC void novita_poll_request_init (
  struct novita_poll_request *q, double try_seconds,
  void (*done) (struct novita_request *request));
/* GET base_url .. path .. task_id; -1 if the request did not start */
NOVITA_FUNC int novita_poll_request_start (struct novita_poll_request *q,
                                           struct novita_pool *pool,
                                           const char *path,
                                           const char *task_id);

#endif
