/*
** parts.h: the parts of 'novita.core'. Each opener pushes one value.
*/
#ifndef novita_lua_parts_h
#define novita_lua_parts_h

#include <lua.h>

#include "../base/func.h"

/* the metatable of error objects, empty: novita.error fills it */
NOVITA_FUNC int novita_lua_error (lua_State *L);

/* pictures, synchronously: { decode, new, prepare, probe, kernels } */
NOVITA_FUNC int novita_lua_picture (lua_State *L);

#endif
