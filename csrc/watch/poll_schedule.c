/*
** poll_schedule.c: see poll_schedule.h
*/
#include <math.h>

#include "poll_schedule.h"


static double clamp (double x, double low, double high) {
  if (x < low) return low;
  return x > high ? high : x;
}


static double between (double low, double high, struct novita_random *random) {
  return low + (high - low) * novita_random_next(random);
}


/* Without an ETA of the service, the progress gives one: a task that needed
** 'age' seconds for a third of its work needs twice that for the rest. */
static double seconds_left (const struct novita_task_status *v, double age) {
  if (v->eta >= 0) return v->eta;
  if (v->percent >= 5 && v->percent <= 100)
    return age * (100 - v->percent) / v->percent;
  return age;
}


double novita_poll_schedule_interval (
    const struct novita_poll_schedule *schedule,
    const struct novita_task_status *v, double age,
    struct novita_random *random) {
  double base = seconds_left(v, age) / 8;
  if (v->stage == NOVITA_STAGE_DEPLOYING) base = schedule->min * 2;
  base = clamp(base, schedule->min, schedule->max);
  return between(clamp(base * 0.75, schedule->min, schedule->max),
                 clamp(base * 1.25, schedule->min, schedule->max), random);
}


double novita_poll_schedule_backoff (
    const struct novita_poll_schedule *schedule, int failures,
    double retry_after, struct novita_random *random) {
  double ceiling = schedule->min * exp2(failures > 30 ? 30 : failures);
  double wait = between(schedule->min, clamp(ceiling, schedule->min,
                                             schedule->max), random);
  return wait < retry_after ? retry_after : wait;
}
