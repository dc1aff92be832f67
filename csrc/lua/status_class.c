/*
** status_class.c: core.status_class(status) -> the class of an HTTP status;
** core.legacy_status(code) -> the status that a code of the older envelope
** stands for, or nil. The table is csrc/http/status_class.c.
*/
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>

#include "../http/status_class.h"
#include "core.h"


static int status_class (lua_State *L) {
  lua_Integer status = luaL_checkinteger(L, 1);
  if (status < 0 || status > INT_MAX) status = 0;
  lua_pushstring(
    L, novita_status_class_name(novita_status_class_of((long)status)));
  return 1;
}


static int legacy_status (lua_State *L) {
  lua_Integer code = luaL_checkinteger(L, 1);
  long status = code >= INT_MIN && code <= INT_MAX
                ? novita_status_class_legacy((int)code) : 0;
  if (status != 0) lua_pushinteger(L, status);
  else lua_pushnil(L);
  return 1;
}


int novita_lua_status_class (lua_State *L) {
  lua_pushcfunction(L, status_class);
  return 1;
}


int novita_lua_status_class_legacy (lua_State *L) {
  lua_pushcfunction(L, legacy_status);
  return 1;
}
