/*
** wakeup.h: a knock on a descriptor: a few bytes that wake whoever waits for it.
*/
#ifndef novita_event_wakeup_h
#define novita_event_wakeup_h

#include <stddef.h>

#include "../base/func.h"

/* 'fd' must not block; from any thread */
NOVITA_FUNC void novita_wakeup_write (int fd, const void *bytes, size_t n);

#endif
