/*
** core.c: the C module 'novita.core', put together from its parts.
** Each part is one file of this folder and fills one field of the module.
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>

#include "../base/clock.h"
#include "../novita.h"
#include "parts.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: build with 'luarocks --lua-version 5.4 make'"
#endif


/* core.now() -> seconds of a clock that never goes back */
static int core_now (lua_State *L) {
  lua_pushnumber(L, novita_clock_now());
  return 1;
}


static const luaL_Reg functions[] = {
  {"now", core_now}, {NULL, NULL}
};


static const luaL_Reg parts[] = {
  {"error", novita_lua_error},
  {"body", novita_lua_coroutine_main},
  {"loop", novita_lua_loop},
  {"client", novita_lua_client},
  {"check_prepare", novita_lua_prepare_check},
  {"picture", novita_lua_image},
  {"sha256", novita_lua_digest_sha256},
  {"base64", novita_lua_digest_base64},
  {"put_in_place", novita_lua_place_file},
  {"terminal", novita_lua_terminal},
  {"signals", novita_lua_signal},
  {"private_file", novita_lua_private_file},
  {"read_private", novita_lua_private_read},
  {"versions", novita_lua_versions},
  {"fresh_file", novita_lua_fresh_file},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_core (lua_State *L) {
  const luaL_Reg *part;
  luaL_checkversion(L);
  lua_newtable(L);
  for (part = parts; part->name != NULL; part++) {
    part->func(L);
    lua_setfield(L, -2, part->name);
  }
  luaL_setfuncs(L, functions, 0);
  return 1;
}
