/*
** option.c: see option.h
*/
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "option.h"

#define MAX_QUOTED 60  /* bytes of a string in a message */


void novita_lua_option_refuse (lua_State *L, int index, const char *name,
                               const char *allowed) {
  size_t len;
  const char *value;
  index = lua_absindex(L, index);
  if (lua_type(L, index) == LUA_TSTRING) {
    value = lua_tolstring(L, index, &len);
    lua_pushlstring(L, value, len < MAX_QUOTED ? len : MAX_QUOTED);
    lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
  } else
    luaL_tolstring(L, index, NULL);
  luaL_error(L, "%s must be %s, got %s", name, allowed, lua_tostring(L, -1));
}


lua_Integer novita_lua_option_integer (lua_State *L, const char *name,
                                       lua_Integer min, lua_Integer max) {
  int is_integer, top = lua_gettop(L);
  lua_Integer v = lua_tointegerx(L, top, &is_integer);
  if (!is_integer || lua_type(L, top) != LUA_TNUMBER || v < min || v > max)
    novita_lua_option_refuse(L, top, name,
                             lua_pushfstring(L, "an integer from %I to %I",
                                             (LUAI_UACINT)min,
                                             (LUAI_UACINT)max));
  return v;
}


bool novita_lua_option_boolean (lua_State *L, const char *name) {
  if (!lua_isboolean(L, -1))
    novita_lua_option_refuse(L, -1, name, "true or false");
  return lua_toboolean(L, -1);
}


static void push_choices (lua_State *L, const char *const *choices) {
  luaL_Buffer b;
  int i;
  luaL_buffinit(L, &b);
  for (i = 0; choices[i] != NULL; i++) {
    if (i > 0) luaL_addstring(&b, choices[i + 1] != NULL ? ", " : " or ");
    luaL_addchar(&b, '"');
    luaL_addstring(&b, choices[i]);
    luaL_addchar(&b, '"');
  }
  luaL_pushresult(&b);
}


int novita_lua_option_choice (lua_State *L, const char *name,
                              const char *const *choices) {
  int i;
  if (lua_type(L, -1) == LUA_TSTRING)
    for (i = 0; choices[i] != NULL; i++)
      if (strcmp(lua_tostring(L, -1), choices[i]) == 0) return i;
  push_choices(L, choices);
  novita_lua_option_refuse(L, -2, name, lua_tostring(L, -1));
  return 0;
}


static void push_names (lua_State *L, const char *const *names) {
  int i;
  lua_newtable(L);
  for (i = 0; names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
}


/* The words come from lua/novita/schema, as for every other table of options.
** novita.image.picture has loaded it; a program that loads novita.core alone
** gets the short form. */
static void refuse_name (lua_State *L, const char *path, const char *key,
                         const char *const *names) {
  luaL_checkstack(L, 10, NULL);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "novita.schema.unknown_name") != LUA_TFUNCTION)
    luaL_error(L, "%s is not an option", key);
  lua_pushstring(L, key);
  push_names(L, names);
  lua_pushstring(L, path);
  lua_newtable(L);
  lua_pushliteral(L, "option");
  lua_setfield(L, -2, "member");
  lua_call(L, 4, 1);
  luaL_error(L, "%s", lua_tostring(L, -1));
}


void novita_lua_option_check_names (lua_State *L, int index, const char *path,
                                    const char *const *names) {
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    int i = 0;
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
                                                     : luaL_typename(L, -2);
    while (names[i] != NULL && strcmp(names[i], key) != 0) i++;
    if (names[i] == NULL) refuse_name(L, path, key, names);
  }
}
