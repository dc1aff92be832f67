/*
** timer.h: the timers of a loop. Reserving may fail; starting a reserved timer
** cannot.
*/
#ifndef novita_event_timer_h
#define novita_event_timer_h

#include "loop_state.h"

struct novita_timer {
  struct novita_timer_node node;  /* first member */
  void (*fire) (struct novita_timer *timer);
};

/* reserve room for one more timer, before its first start; -1 on
** out-of-memory */
NOVITA_FUNC int novita_timer_reserve (struct novita_loop *loop);
/* give the room back; the timer must be stopped */
NOVITA_FUNC void novita_timer_release (struct novita_loop *loop);
/* start or restart a reserved timer */
NOVITA_FUNC void novita_timer_start (struct novita_loop *loop,
                                     struct novita_timer *timer, double at);
NOVITA_FUNC void novita_timer_stop (struct novita_loop *loop,
                                    struct novita_timer *timer);

/* for the loop: when the first timer is due (NOVITA_NEVER if none is running)
*/
NOVITA_FUNC double novita_timer_first_due (const struct novita_loop *loop);
/* fire the timers that are due: the first one, and others before 'until' */
NOVITA_FUNC void novita_timer_fire_due (struct novita_loop *loop,
                                        double until);
/* pass the time of the first timer to the poller */
NOVITA_FUNC void novita_timer_set_alarm (struct novita_loop *loop);

#endif
