/*
** error.h: converts a 'struct novita_error' to the 'err' of 'nil, err' in Lua.
*/
#ifndef novita_lua_error_h
#define novita_lua_error_h

#include <lua.h>

#include "../base/error.h"

/* push the error object: { kind =, code =, message = } with the metatable
** that novita.error fills */
NOVITA_FUNC void novita_lua_error_push (lua_State *L,
                                        const struct novita_error *e);

/* raise the error object of a failed malloc */
NOVITA_FUNC int novita_lua_error_raise_memory (lua_State *L);

/* push nil and the error object; return 2, for 'return' */
NOVITA_FUNC int novita_lua_error_return (lua_State *L,
                                         const struct novita_error *e);

#endif
