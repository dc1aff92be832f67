/*
** response.h: what the rules want done with a request, and how it is sent.
** Nothing in it refers to the Lua state, apart from 'next'.
*/
#ifndef novita_emulator_response_h
#define novita_emulator_response_h

#include <lua.h>
#include <microhttpd.h>

#include "suspend.h"

enum novita_action {
  NOVITA_ACTION_READ,   /* take the body first; reset after 'cut' bytes of it */
  NOVITA_ACTION_SEND,   /* 'response' with 'status' */
  NOVITA_ACTION_WAIT,   /* for 'seconds', then call 'next' */
  NOVITA_ACTION_HANG,   /* until the peer leaves */
  NOVITA_ACTION_RESET,  /* a TCP reset, at once */
  NOVITA_ACTION_CLOSE   /* an orderly end without an answer */
};

struct novita_emulator_response {
  enum novita_action act;
  unsigned status;
  double seconds;
  size_t cut;                     /* bytes; SIZE_MAX = the whole body */
  int next;                       /* registry reference of a function */
  struct MHD_Response *response;  /* owned until it is queued */
};

/*
** Read the answer table on the top of the stack (it stays there):
**   { status =, headers = { name, value, ... }, body =,
**     cut = bytes sent before the connection ends, rate = bytes a second }
**   { wait = seconds, next = function }
**   { abort = "reset" | "close" | "hang" }
**   { read = bytes of the body after which the connection is reset, or -1 }
** -1 when it is none of these or memory is short.
*/
NOVITA_FUNC int novita_emulator_response_read (lua_State *L, struct novita_emulator_response *a,
                                    struct novita_suspend_queue *suspend,
                                    struct MHD_Connection *connection);

/* the socket sends a reset now, whatever the server does with it later */
NOVITA_FUNC void novita_emulator_response_reset (struct MHD_Connection *connection);

/* has the other side closed its end? */
NOVITA_FUNC int novita_emulator_response_unwanted (struct MHD_Connection *connection);

#endif
