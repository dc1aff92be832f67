/*
** watch.h: waiting for thousands of tasks with a handful of calls.
** A watcher keeps all its tasks in one heap by the time of their next
** question. A watched task costs its struct; connections, buffers and calls
** belong to the few questions under way.
**
** A watch ends by its own deadline, by a final stage, or by a permanent
** refusal of the API. An outage, a 5xx, a 429, a cut or malformed answer only
** delays it.
*/
#ifndef novita_watch_watch_h
#define novita_watch_watch_h

#include "../event/op.h"
#include "../http/request.h"
#include "poll_schedule.h"

struct novita_watch_kind {
  struct novita_op_class class;  /* first member; named "subject", "style" or
                                 ** "image" */
  const char *path;        /* of the question, up to the task id */
  novita_task_status_parser *parse;
  bool trains;             /* what it makes is a model, not pictures */
};

/* NULL when there is none of that name */
NOVITA_FUNC const struct novita_watch_kind *novita_watch_kind_find (
  const char *name);

struct novita_poll_request;    /* one call under way */

struct novita_watch_scheduler {    /* one per client */
  struct novita_pool *pool;
  struct novita_heap node;
  struct novita_timer timer;        /* for the first of 'due' */
  struct novita_token_bucket token_bucket;      /* questions a second */
  struct novita_poll_schedule schedule;
  double grace;                     /* seconds for which a 404 may be a lag */
  double try_seconds;               /* of one question */
  struct novita_poll_request *poll_slots;
  int poll_count, idle_count;
  struct novita_poll_request *idle;     /* linked by 'next' */
  struct novita_random random;
};

struct novita_watch_options {
  struct novita_poll_schedule schedule;
  double per_second;       /* budget of questions over all tasks */
  int at_once;             /* questions under way at most */
  double grace;
  double try_seconds;
};

/* what is left behind; kept apart because most tasks are still running */
struct novita_watch_result {
  struct novita_error error;   /* kind NOVITA_ERROR_NONE: a final stage */
  long status;                 /* of the refusing answer */
  struct novita_buffer body;   /* the last answer */
  struct novita_json model;    /* in it: see novita_task_status */
};

struct novita_watch {
  struct novita_op op;              /* first member; its class is the kind */
  struct novita_timer_node node;
  struct novita_watch_scheduler *watcher;
  union {
    struct novita_poll_request *polling; /* while it runs; NULL: in the heap */
    struct novita_watch_result *result; /* after the end; malloc'd, or NULL */
  };
  const char *task_id;              /* the caller keeps it */
  char *last_error;                    /* word of the last failure; NULL = none */
  double began, deadline;
  float percent, eta;               /* -1 = not told */
  unsigned char stage;              /* enum novita_stage */
  bool listening;                   /* tell of changes, not only of the end */
  unsigned short failures;          /* answers in a row that told nothing */
  unsigned polls;
};

NOVITA_FUNC int novita_watch_scheduler_open (struct novita_watch_scheduler *w,
                                     struct novita_pool *pool,
                                     const struct novita_watch_options *o,
                                     struct novita_error *e);
/* every watch must have been taken or canceled */
NOVITA_FUNC void novita_watch_scheduler_close (struct novita_watch_scheduler *w);

/* 'task_id' must stay where it is until novita_watch_free; 'first' seconds
** until the first question; 'deadline' on novita_clock_now; -1 only without memory */
NOVITA_FUNC int novita_watch_start (struct novita_watch_scheduler *w,
                                    struct novita_watch *watch,
                                    const struct novita_watch_kind *kind,
                                    const char *task_id, double first,
                                    double deadline);
NOVITA_FUNC const struct novita_watch_kind *novita_watch_kind_of (
  const struct novita_watch *watch);
NOVITA_FUNC void novita_watch_free (struct novita_watch *watch);

#endif
