/*
** response.h: how the rules respond to a request. Nothing in it refers to the
** Lua state, except 'next'.
*/
#ifndef novita_httpd_response_h
#define novita_httpd_response_h

#include <lua.h>
#include <microhttpd.h>

#include "interpreter.h"
#include "suspend.h"

enum novita_action {
  NOVITA_ACTION_READ,   /* read the body; call 'next' after 'cut' bytes */
  NOVITA_ACTION_SEND,   /* 'response' with 'status' */
  NOVITA_ACTION_WAIT,   /* for 'seconds', then call 'next' */
  NOVITA_ACTION_CLOSE   /* an orderly end without a response */
};

struct novita_httpd_response {
  enum novita_action act;
  unsigned status;
  double seconds;
  size_t cut;                     /* bytes; SIZE_MAX = the whole body */
  int drop;                       /* READ: the body is not kept */
  char *file;                     /* READ: the body's file, from malloc */
  int next;                       /* registry reference of a function */
  struct MHD_Response *response;  /* owned until it is queued */
};

/* the parts of the server that a response needs */
struct novita_httpd_context {
  struct novita_interpreter *in;
  struct novita_suspend_queue *suspend;
  struct MHD_Connection *connection;
};

/*
** Read the response table on the top of the stack (it stays there):
**   { status =, headers = { name, value, ... }, body = }
**   { status =, headers =, file = path, first =, length = } (a part of a file)
**   { status =, headers =, stream = function, ended = function, length = } (see
**     stream.h; without a length the transfer is chunked)
**   { wait = seconds, next = function }
**   { abort = "close" }
**   { read = -1, drop = true if the body is not kept,
**     file = path of a new file that takes the body }
**   { read = bytes of the body after which 'next' is called, next = function }
** -1 if it has another form, and on out-of-memory.
*/
NOVITA_FUNC int
novita_httpd_response_read (lua_State *L, struct novita_httpd_response *a,
                            const struct novita_httpd_context *context);

#endif
