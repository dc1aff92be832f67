/*
** process.h: supervised programs for Lua.
*/
#ifndef novita_server_lua_process_h
#define novita_server_lua_process_h

#include <lua.h>

#include "../../base/func.h"

/* register the metatable of the op, before the first program */
NOVITA_FUNC void novita_lua_process_kind (lua_State *L);
/* process(loop, continuation, options) -> op | nil, err */
NOVITA_FUNC int novita_lua_process (lua_State *L);

#endif
