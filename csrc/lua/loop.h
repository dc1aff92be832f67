/*
** loop.h: the one accessor of loops in Lua.
*/
#ifndef novita_lua_loop_h
#define novita_lua_loop_h

#include <lua.h>

#include "../event/loop.h"

/* the open loop at 'index'; raises on anything else and on a closed one */
NOVITA_FUNC struct novita_loop *novita_lua_check_loop (lua_State *L,
                                                       int index);

#endif
