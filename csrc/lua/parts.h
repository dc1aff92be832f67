/*
** parts.h: the parts of 'novita.core'. Each opener pushes one value.
*/
#ifndef novita_lua_parts_h
#define novita_lua_parts_h

#include <lua.h>

#include "../base/func.h"

/* a table: pictures in memory (decode, resize, encode) */
NOVITA_FUNC int novita_lua_picture (lua_State *L);

#endif
