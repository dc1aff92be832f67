/*
** rules.h: the program that the server runs, written in Lua, in a separate Lua
** state. The server's thread passes requests to it, its other thread calls its
** 'tick', and the script that started the server calls its controls.
*/
#ifndef novita_httpd_rules_h
#define novita_httpd_rules_h

#include <stdbool.h>

#include "interpreter.h"
#include "request.h"
#include "response.h"

struct novita_rules {
  struct novita_interpreter in;
  int handle;                /* registry reference: request -> response */
  int control;               /* registry reference: name, text -> text */
  int tick;                  /* registry reference; LUA_REFNIL: no ticks */
  char tick_error[256];      /* reported last */
};

struct novita_rules_options {
  lua_State *from;           /* its paths and compiled-in modules are used */
  const char *entry;         /* the module whose 'open' returns the program */
  const char *options;       /* text for 'open' */
};

/* open(options, port) returns { handle =, control =, tick = }. -1: 'error' says
** why */
NOVITA_FUNC int novita_rules_open (struct novita_rules *rules,
                                   const struct novita_rules_options *options,
                                   int port, char *error, size_t size);
NOVITA_FUNC void novita_rules_close (struct novita_rules *rules);

/* an error in the rules becomes a 500; -1 only if even that response cannot be
** made */
NOVITA_FUNC int
novita_rules_handle (struct novita_rules *rules,
                     struct novita_suspend_queue *suspend,
                     const char *method,
                     const struct novita_httpd_request *request,
                     struct novita_httpd_response *response);

/* call the function 'next' of an earlier response; frees the reference */
NOVITA_FUNC int novita_rules_resume (struct novita_rules *rules,
                                     struct novita_suspend_queue *suspend,
                                     struct MHD_Connection *connection,
                                     int next,
                                     struct novita_httpd_response *response);
NOVITA_FUNC void novita_rules_forget (struct novita_rules *rules, int next);

/* an error is reported on stderr, once */
NOVITA_FUNC void novita_rules_tick (struct novita_rules *rules);

/* call a control. Returns the result, or the error message if 'done' is false
** ('len' bytes from malloc; NULL on out-of-memory) */
NOVITA_FUNC char *novita_rules_control (struct novita_rules *rules,
                                        const char *name, const char *text,
                                        size_t text_len, size_t *len,
                                        bool *done);

#endif
