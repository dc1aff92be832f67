/*
** poll_schedule.h: when to poll a task again. Pure arithmetic.
*/
#ifndef novita_watch_poll_schedule_h
#define novita_watch_poll_schedule_h

#include "../base/random.h"
#include "task_status.h"

struct novita_poll_schedule {
  double min, max;     /* seconds between two polls of one task; only a
                       ** response that asks for more is beyond */
};

/* 'age': seconds since the watch began. A task is polled often near its end and
** rarely before; up to 25 % at random spreads the polls of tasks that began
** together */
NOVITA_FUNC double novita_poll_schedule_interval (
  const struct novita_poll_schedule *schedule,
  const struct novita_task_status *status, double age,
  struct novita_random *random);

/* after 'failures' polls in a row have failed */
NOVITA_FUNC double novita_poll_schedule_backoff (
  const struct novita_poll_schedule *schedule, int failures,
  double retry_after, struct novita_random *random);

#endif
