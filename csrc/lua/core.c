/*
** core.c: the C module 'novita.core', put together from its parts.
** Each part is one file of this folder and fills one field of the module.
*/
#include <lauxlib.h>
#include <lua.h>

#include "parts.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: build with 'luarocks --lua-version 5.4 make'"
#endif


static const luaL_Reg parts[] = {
  {"error", novita_lua_error},
  {"picture", novita_lua_picture},
  {NULL, NULL}
};


int luaopen_novita_core (lua_State *L);  /* the one name Lua looks for */

LUAMOD_API int luaopen_novita_core (lua_State *L) {
  const luaL_Reg *part;
  luaL_checkversion(L);
  lua_newtable(L);
  for (part = parts; part->name != NULL; part++) {
    part->func(L);
    lua_setfield(L, -2, part->name);
  }
  return 1;
}
