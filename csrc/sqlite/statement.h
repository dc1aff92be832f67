/*
** statement.h: a prepared statement as a Lua userdata.
*/
#ifndef novita_sqlite_statement_h
#define novita_sqlite_statement_h

#include <lua.h>

#include "../base/func.h"

/* register the metatables of statements and blobs */
NOVITA_FUNC void novita_statement_kind (lua_State *L);
/* database:prepare(sql) -> statement | nil, err */
NOVITA_FUNC int novita_statement_prepare (lua_State *L);
/* blob(bytes): binds as BLOB instead of TEXT */
NOVITA_FUNC int novita_statement_blob (lua_State *L);

#endif
