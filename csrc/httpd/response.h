/*
** response.h: how the rules respond to a request. Nothing in it refers to the
** Lua state, except 'next'.
*/
#ifndef novita_httpd_response_h
#define novita_httpd_response_h

#include <lua.h>
#include <microhttpd.h>

#include "suspend.h"

enum novita_action {
  NOVITA_ACTION_READ,   /* read the body; reset after 'cut' bytes of it */
  NOVITA_ACTION_SEND,   /* 'response' with 'status' */
  NOVITA_ACTION_WAIT,   /* for 'seconds', then call 'next' */
  NOVITA_ACTION_HANG,   /* until the peer closes */
  NOVITA_ACTION_RESET,  /* a TCP reset, at once */
  NOVITA_ACTION_CLOSE   /* an orderly end without a response */
};

struct novita_httpd_response {
  enum novita_action act;
  unsigned status;
  double seconds;
  size_t cut;                     /* bytes; SIZE_MAX = the whole body */
  int drop;                       /* READ: the body is not kept */
  int next;                       /* registry reference of a function */
  struct MHD_Response *response;  /* owned until it is queued */
};

/*
** Read the response table on the top of the stack (it stays there):
**   { status =, headers = { name, value, ... }, body =,
**     cut = bytes sent before the connection ends, rate = bytes per second }
**   { wait = seconds, next = function }
**   { abort = "reset" | "close" | "hang" }
**   { read = bytes of the body after which the connection is reset, or -1,
**     drop = true if the body is not kept }
** -1 if it has another form, and on out-of-memory.
*/
NOVITA_FUNC int
novita_httpd_response_read (lua_State *L,
                               struct novita_httpd_response *a,
                               struct novita_suspend_queue *suspend,
                               struct MHD_Connection *connection);

/* send a TCP reset now, regardless of what the server does later */
NOVITA_FUNC void
novita_httpd_response_reset (struct MHD_Connection *connection);

/* whether the peer has closed its end */
NOVITA_FUNC int
novita_httpd_response_peer_closed (struct MHD_Connection *connection);

#endif
