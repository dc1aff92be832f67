/*
** error.c: error objects. The metatable is in the registry under a name, for
** the shared objects of other rocks contain this file too; Lua gets it as
** 'core.error' and adds the methods.
**   core.one_line(text) -> text: as in the errors of C, see base/text.h
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../base/text.h"
#include "error.h"
#include "core.h"


int novita_lua_error (lua_State *L) {
  luaL_newmetatable(L, "novita.core.error");  /* new, or made before */
  return 1;
}


static int one_line (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_Buffer b;
  char *copy = luaL_buffinitsize(L, &b, n);
  memcpy(copy, text, n);
  luaL_pushresultsize(&b, novita_text_make_printable(copy, n, ' '));
  return 1;
}


int novita_lua_error_one_line (lua_State *L) {
  lua_pushcfunction(L, one_line);
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
