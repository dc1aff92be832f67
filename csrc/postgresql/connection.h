/*
** connection.h: a connection as a Lua userdata, and its ops.
*/
#ifndef novita_postgresql_connection_h
#define novita_postgresql_connection_h

#include <lua.h>

#include "../base/func.h"

/* register the metatables of connections and of their ops */
NOVITA_FUNC void novita_connection_kind (lua_State *L);
/* connect(loop, continuation, options, seconds) -> op | nil, err */
NOVITA_FUNC int novita_connection_connect (lua_State *L);
/* resolve(options) -> options, with those from elsewhere */
NOVITA_FUNC int novita_connection_resolve (lua_State *L);

#endif
