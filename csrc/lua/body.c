/*
** body.c: core.body(fn, ...), what a coroutine of ours runs: pcall in two steps.
** The first resume leaves the function and its arguments on the coroutine's own
** stack, where they cost nothing, and comes back at once; the second one calls the
** function. pcall because it runs the function's <close> handlers while the
** coroutine still lives, so that they can wait as well.
*/
#include <lua.h>

#include "parts.h"


/* As pcall: true and the results, or false and the error. Index 1 holds the
** true. */
static int ended (lua_State *L, int status, lua_KContext unused) {
  (void)unused;
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}


static int begin (lua_State *L, int status, lua_KContext given) {
  (void)status;
  lua_settop(L, (int)given);  /* what the resume passed means nothing */
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  status = lua_pcallk(L, (int)given - 1, LUA_MULTRET, 0, 0, ended);
  return ended(L, status, 0);
}


static int body (lua_State *L) {
  return lua_yieldk(L, 0, lua_gettop(L), begin);
}


int novita_lua_body (lua_State *L) {
  lua_pushcfunction(L, body);
  return 1;
}
