/*
** option.c: see option.h
*/
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "option.h"


lua_Integer novita_lua_option_integer (lua_State *L, const char *name,
                                       lua_Integer min, lua_Integer max) {
  int is_integer;
  lua_Integer v = lua_tointegerx(L, -1, &is_integer);
  if (!is_integer || v < min || v > max)
    luaL_error(L, "%s must be an integer from %I to %I", name,
               (LUAI_UACINT)min, (LUAI_UACINT)max);
  return v;
}


int novita_lua_option_choice (lua_State *L, const char *name,
                              const char *const *choices) {
  int i;
  if (lua_type(L, -1) == LUA_TSTRING)
    for (i = 0; choices[i] != NULL; i++)
      if (strcmp(lua_tostring(L, -1), choices[i]) == 0) return i;
  return luaL_error(L, "%s has an unknown value", name);
}
