/*
** stream.h: a response whose body a Lua function makes, piece by piece.
*/
#ifndef novita_httpd_stream_h
#define novita_httpd_stream_h

#include "interpreter.h"
#include "suspend.h"

/*
** 'producer' is the registry reference of a function, which the response owns
** from here on:
**   producer(position, most) -> bytes     at most 'most' of them
**                            -> seconds   to wait before it is called again
**                            -> nil       the end
** 'length' is the Content-Length, or MHD_SIZE_UNKNOWN. If the end comes
** earlier, and if the function raises an error, the connection is closed.
** NULL on out-of-memory; then the reference is freed.
*/
NOVITA_FUNC struct MHD_Response *
novita_stream_new (struct novita_interpreter *in,
                   struct novita_suspend_queue *suspend,
                   struct MHD_Connection *connection,
                   int producer, uint64_t length);

#endif
