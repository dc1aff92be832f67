/*
** throttle.h: a response whose body is sent slowly, or ends early.
*/
#ifndef novita_httpd_throttle_h
#define novita_httpd_throttle_h

#include <stddef.h>

#include "suspend.h"

/* 'rate' in bytes per second, 0 = unlimited; after 'stop' bytes the connection
** is closed. NULL on out-of-memory */
NOVITA_FUNC struct MHD_Response *
novita_throttle_new (struct novita_suspend_queue *suspend,
                     struct MHD_Connection *connection,
                     const char *bytes, size_t len, size_t stop, double rate);

#endif
