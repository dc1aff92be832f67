/*
** interpreter.h: a separate Lua state that several threads enter, one at a
** time.
*/
#ifndef novita_httpd_interpreter_h
#define novita_httpd_interpreter_h

#include <lua.h>
#include <pthread.h>

#include "../base/func.h"

struct novita_interpreter {
  pthread_mutex_t lock;      /* recursive; held while 'L' is in use */
  lua_State *L;
};

/* -1 on out-of-memory */
NOVITA_FUNC int novita_interpreter_open (struct novita_interpreter *in);
/* no other thread may be in it; may be called twice */
NOVITA_FUNC void novita_interpreter_close (struct novita_interpreter *in);

/* call f(arg), with 'arg' as a light userdata, in a protected call. 'f' stores
** its results in what 'arg' points to. -1: 'error' has the message with a
** traceback */
NOVITA_FUNC int novita_interpreter_call (struct novita_interpreter *in,
                                         lua_CFunction f, void *arg,
                                         char *error, size_t size);

/* free a registry reference; LUA_NOREF: nothing */
NOVITA_FUNC void novita_interpreter_unref (struct novita_interpreter *in,
                                           int ref);

#endif
