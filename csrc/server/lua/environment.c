/*
** environment.c: see environment.h. posix_spawn takes arrays of 'char *', but
** does not write to them.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "environment.h"

#if defined(__APPLE__)
#include <crt_externs.h>
#define environ (*_NSGetEnviron())
#else
extern char **environ;
#endif


static char *writable (const char *text) {
  return (char *)(uintptr_t)text;
}


static char **new_array (lua_State *L, size_t count) {
  return lua_newuserdatauv(L, (count + 1) * sizeof(char *), 0);
}


char **novita_lua_environment_list (lua_State *L, int index) {
  size_t i, count = (size_t)lua_rawlen(L, index);
  char **array = new_array(L, count);
  for (i = 0; i < count; i++) {
    if (lua_rawgeti(L, index, (lua_Integer)i + 1) != LUA_TSTRING)
      luaL_argerror(L, index, "argv must be a list of strings");
    array[i] = writable(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  array[count] = NULL;
  return array;
}


/* whether the table at 'index' has a value for the variable "NAME=value" */
static bool is_changed (lua_State *L, int index, const char *variable) {
  const char *end = strchr(variable, '=');
  bool changed;
  if (end == NULL) return false;
  lua_pushlstring(L, variable, (size_t)(end - variable));
  changed = lua_rawget(L, index) != LUA_TNIL;
  lua_pop(L, 1);
  return changed;
}


/* puts the strings "NAME=value" of the table into the list at 'list', from the
** number 'n' on; returns the next number */
static lua_Integer add_new (lua_State *L, int index, int list,
                            lua_Integer n) {
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -1) != LUA_TSTRING || lua_type(L, -2) != LUA_TSTRING)
      continue;
    lua_pushfstring(L, "%s=%s", lua_tostring(L, -2), lua_tostring(L, -1));
    lua_rawseti(L, list, n++);
  }
  return n;
}


char **novita_lua_environment_changed (lua_State *L, int index) {
  lua_Integer n = 1;
  char **variable;
  int list;
  lua_newtable(L);
  list = lua_gettop(L);
  for (variable = environ; variable != NULL && *variable != NULL; variable++) {
    if (is_changed(L, index, *variable)) continue;
    lua_pushstring(L, *variable);
    lua_rawseti(L, list, n++);
  }
  add_new(L, index, list, n);
  return novita_lua_environment_list(L, list);
}
