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
** 'ended' is the reference of a function that is called when the response is
** freed, for example because the peer has gone; LUA_REFNIL: none.
** 'length' is the Content-Length, or MHD_SIZE_UNKNOWN. If the end comes
** earlier, and if the function raises an error, the connection is closed.
** NULL on out-of-memory; then both references are freed.
*/
NOVITA_FUNC struct MHD_Response *
novita_stream_new (struct novita_interpreter *in,
                   struct novita_suspend_queue *suspend,
                   struct MHD_Connection *connection,
                   int producer, int ended, uint64_t length);

#endif
