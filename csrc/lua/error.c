/*
** error.c: error objects. The metatable is in the registry under the address
** of 'key'; Lua gets it as 'core.error' and adds the methods.
*/
#include <lua.h>

#include "error.h"
#include "core.h"

static const char key = 0;


int novita_lua_error (lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  }
  return 1;
}


void novita_lua_error_push (lua_State *L, const struct novita_error *e) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, novita_error_kind_name(e->kind));
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, e->code);
  lua_setfield(L, -2, "code");
  lua_pushstring(L, e->text);
  lua_setfield(L, -2, "message");
  novita_lua_error(L);
  lua_setmetatable(L, -2);
}


int novita_lua_error_raise_memory (lua_State *L) {
  struct novita_error e;
  novita_error_set_memory(&e);
  novita_lua_error_push(L, &e);
  return lua_error(L);
}


int novita_lua_error_return (lua_State *L, const struct novita_error *e) {
  lua_pushnil(L);
  novita_lua_error_push(L, e);
  return 2;
}
