/*
** coroutine_main.c: core.coroutine_main(fn, ...), what a coroutine of ours runs:
** pcall in two steps.
** The first resume leaves the function and its arguments on the coroutine's own
** stack, where they cost nothing, and comes back at once; the second one calls the
** function. pcall because it runs the function's <close> handlers while the
** coroutine still lives, so that they can wait as well.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "core.h"


/* As pcall: true and the results, or false and the error. The true comes last:
** every place below a script's frame is one less before its stack must grow. */
static int ended (lua_State *L, int status, lua_KContext unused) {
  bool good = status == LUA_OK || status == LUA_YIELD;
  int n = good ? lua_gettop(L) : 1;
  (void)unused;
  luaL_checkstack(L, 1, "too many results");
  lua_pushboolean(L, good);
  lua_insert(L, -n - 1);
  return n + 1;
}


static int begin (lua_State *L, int status, lua_KContext given) {
  (void)status;
  lua_settop(L, (int)given);  /* what the resume passed means nothing */
  status = lua_pcallk(L, (int)given - 1, LUA_MULTRET, 0, 0, ended);
  return ended(L, status, 0);
}


static int body (lua_State *L) {
  return lua_yieldk(L, 0, lua_gettop(L), begin);
}


int novita_lua_coroutine_main (lua_State *L) {
  lua_pushcfunction(L, body);
  return 1;
}
