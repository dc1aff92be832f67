/*
** coroutine_main.c: core.coroutine_main(fn, ...), the main function of our
** coroutines: pcall in two steps. The first resume leaves the function and its
** arguments on the coroutine's stack, where they cost nothing, and returns at
** once; the second one calls the function. It uses pcall because pcall runs
** the function's <close> handlers while the coroutine is alive, so that the
** handlers can wait too.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "core.h"


/* Like pcall: true and the results, or false and the error. The boolean is
** inserted last: a slot reserved for it below the script's frame could make the
** stack grow. */
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
  lua_settop(L, (int)given);  /* ignore the arguments of the resume */
  status = lua_pcallk(L, (int)given - 1, LUA_MULTRET, 0, 0, ended);
  return ended(L, status, 0);
}


static int coroutine_main (lua_State *L) {
  return lua_yieldk(L, 0, lua_gettop(L), begin);
}


int novita_lua_coroutine_main (lua_State *L) {
  lua_pushcfunction(L, coroutine_main);
  return 1;
}
