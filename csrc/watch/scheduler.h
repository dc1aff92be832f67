/*
** scheduler.h: polls thousands of tasks with a handful of requests.
** A scheduler keeps the polls of all watched tasks in one heap by the time of
** the next poll. Connections, buffers and requests belong to the few polls
** under way.
*/
#ifndef novita_watch_scheduler_h
#define novita_watch_scheduler_h

#include "poll_request.h"
#include "poll_schedule.h"

/* what the scheduler reports to a watch */
struct novita_poll_class {
  const char *path;  /* of the request, up to the task id */
  void (*responded) (struct novita_poll *poll, struct novita_request *request);
  /* the request could not start: out of memory */
  void (*failed) (struct novita_poll *poll);
};

/* the polls of one task; not in the heap while a request is under way */
struct novita_poll {
  const struct novita_poll_class *class;
  struct novita_watch_scheduler *scheduler;
  struct novita_timer_node node;
  struct novita_poll_request *request;  /* under way, or NULL */
  const char *task_id;                  /* the caller keeps it */
};

struct novita_watch_options {
  struct novita_poll_schedule schedule;
  double per_second;       /* polls a second, over all tasks */
  int at_once;             /* polls under way at most */
  double grace;            /* seconds in which a new task may be missing */
  double unknown_timeout;  /* seconds in which the service may use words that
                           ** are not known */
  double try_seconds;      /* for one poll */
};

struct novita_watch_scheduler {         /* one per client */
  struct novita_pool *pool;
  struct novita_heap polls;
  struct novita_timer timer;            /* for the first of 'polls' */
  struct novita_token_bucket token_bucket;  /* polls a second */
  struct novita_poll_schedule schedule;
  double grace, unknown_timeout;
  struct novita_poll_request *requests;
  int request_count;
  struct novita_list idle;              /* requests without a poll */
  struct novita_random random;
};

NOVITA_FUNC int novita_watch_scheduler_open (
  struct novita_watch_scheduler *w, struct novita_pool *pool,
  const struct novita_watch_options *options, struct novita_error *e);
/* every watch must have been taken or canceled */
NOVITA_FUNC void novita_watch_scheduler_close (
  struct novita_watch_scheduler *w);

/* add a poll whose other fields are set, due in 'seconds'; -1 on
** out-of-memory */
NOVITA_FUNC int novita_watch_scheduler_add (struct novita_watch_scheduler *w,
                                            struct novita_poll *poll,
                                            double seconds);
/* poll again in 'seconds', for the callbacks of novita_poll_class */
NOVITA_FUNC void novita_watch_scheduler_again (struct novita_poll *poll,
                                               double seconds);
/* remove a poll; its request is canceled if one is under way */
NOVITA_FUNC void novita_watch_scheduler_remove (struct novita_poll *poll);

#endif
