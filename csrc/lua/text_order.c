/*
** text_order.c: comparisons of text for table.sort (base/text_order.h).
**   core.before(left, right) -> boolean
**     Whether 'left' comes before 'right' by their bytes.
**   core.before_naturally(left, right) -> boolean
**     The same for file names: img2 before img10.
*/
#include "../base/text_order.h"

#include <lauxlib.h>
#include <lua.h>

#include "core.h"


static int before (lua_State *L) {
  size_t left_len, right_len;
  const char *left = luaL_checklstring(L, 1, &left_len);
  const char *right = luaL_checklstring(L, 2, &right_len);
  int order = novita_text_order_bytes(left, left_len, right, right_len);
  lua_pushboolean(L, order < 0);
  return 1;
}


static int before_naturally (lua_State *L) {
  size_t left_len, right_len;
  const char *left = luaL_checklstring(L, 1, &left_len);
  const char *right = luaL_checklstring(L, 2, &right_len);
  int order = novita_text_order_natural(left, left_len, right, right_len);
  lua_pushboolean(L, order < 0);
  return 1;
}


int novita_lua_text_order_before (lua_State *L) {
  lua_pushcfunction(L, before);
  return 1;
}


int novita_lua_text_order_naturally (lua_State *L) {
  lua_pushcfunction(L, before_naturally);
  return 1;
}
