/*
** loop_handle.h: the loop of a userdata, and whether this process may use it.
*/
#ifndef novita_lua_loop_handle_h
#define novita_lua_loop_handle_h

#include <lua.h>

#include "../event/loop.h"

#define NOVITA_LUA_LOOP "novita.core.loop"  /* its metatable */

/* the open loop at 'index', of this process or of its parent */
NOVITA_FUNC struct novita_loop *novita_lua_loop_handle_get (lua_State *L,
                                                            int index);

/* the open loop at 'index'; raises on anything else, on a closed loop, and on
** a loop of the parent process */
NOVITA_FUNC struct novita_loop *novita_lua_loop_handle_check (lua_State *L,
                                                              int index);

/* raises if the loop belongs to the parent process */
NOVITA_FUNC void
novita_lua_loop_handle_check_pid (lua_State *L,
                                  const struct novita_loop *loop);

#endif
