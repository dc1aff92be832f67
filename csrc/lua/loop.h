/*
** loop.h: the one accessor of loops in Lua.
*/
#ifndef novita_lua_loop_h
#define novita_lua_loop_h

#include <lua.h>

#include "../event/loop.h"

/* the open loop at 'index'; raises on anything else, on a closed one and on
** one that is the parent's of this process */
NOVITA_FUNC struct novita_loop *novita_lua_check_loop (lua_State *L,
                                                       int index);

/* raises when the loop is the parent's of this process */
NOVITA_FUNC void novita_lua_check_owner (lua_State *L,
                                         const struct novita_loop *loop);

#endif
