/*
** rules.h: the interpreter that runs the service's rules, which are written in
** Lua, in a separate Lua state. The server's thread passes requests to them,
** and the script that started the emulator calls their controls; one lock
** protects the state.
*/
#ifndef novita_httpd_rules_h
#define novita_httpd_rules_h

#include <lua.h>
#include <pthread.h>
#include <stdbool.h>

#include "response.h"
#include "request.h"

struct novita_rules {
  pthread_mutex_t lock;      /* held while 'L' is in use */
  lua_State *L;
  int handle;                /* registry reference: request -> response */
  int control;               /* registry reference: name, text -> text */
  char error[512];           /* why open or control failed */
};

/* 'path' and 'cpath' are those of the calling state. 'core' opens novita.core
** in a program that has it compiled in; it is NULL if novita.core is a file.
** 'options' is JSON. -1: see 'error' */
NOVITA_FUNC int novita_rules_open (struct novita_rules *rules,
                                   const char *path, const char *cpath,
                                   lua_CFunction core, const char *options,
                                   int port);
NOVITA_FUNC void novita_rules_close (struct novita_rules *rules);

/* an error in the rules becomes a 500, like a panic of the service; -1 only if
** even that response cannot be made */
NOVITA_FUNC int
novita_rules_handle (struct novita_rules *rules,
                     struct novita_suspend_queue *suspend,
                     struct MHD_Connection *connection, const char *method,
                     const struct novita_httpd_request *request,
                     struct novita_httpd_response *response);

/* continue after a wait; frees the reference 'next' */
NOVITA_FUNC int novita_rules_resume (struct novita_rules *rules,
                                     struct novita_suspend_queue *suspend,
                                     struct MHD_Connection *connection,
                                     int next,
                                     struct novita_httpd_response *response);
NOVITA_FUNC void novita_rules_forget (struct novita_rules *rules, int next);

/* call a control. Returns the result, or the error message if 'done' is false
** ('len' bytes from malloc; NULL on out-of-memory) */
NOVITA_FUNC char *novita_rules_control (struct novita_rules *rules,
                                        const char *name, const char *text,
                                        size_t text_len, size_t *len,
                                        bool *done);

#endif
