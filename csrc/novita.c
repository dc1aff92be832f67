/*
** novita.c: the functions of novita.h for a program that embeds novita. They
** drive novita's own loop through its handle 'novita.loop', which also resumes
** the coroutines. Each function enters Lua by one protected call, so that it
** raises no error.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "novita.h"


/* Pushes loop[name] and the loop. False: no script has required novita. */
static bool push_method (lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "novita") != LUA_TTABLE) return false;
  lua_getfield(L, -1, "loop");
  lua_getfield(L, -1, name);
  lua_insert(L, -2);
  return true;
}


/* Calls a function that stores its result in '*result'. On success the stack
** is as it was, otherwise the error object is on it. */
static int protect (lua_State *L, lua_CFunction fn, void *result) {
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, result);
  return lua_pcall(L, 1, 0, 0);
}


static int preload (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_novita_core);
  lua_setfield(L, -2, "novita.core");
  return 0;
}


void novita_preload (lua_State *L) {
  if (protect(L, preload, NULL) != LUA_OK) lua_pop(L, 1);
}


static int pollfd (lua_State *L) {
  int *fd = lua_touserdata(L, 1);
  if (!push_method(L, "pollfd")) return 0;
  lua_call(L, 1, 1);
  if (!lua_isnil(L, -1)) *fd = (int)luaL_checkinteger(L, -1);
  return 0;
}


/* An error counts as "no descriptor": novita_step reports errors. */
int novita_pollfd (lua_State *L) {
  int fd = -1;
  if (protect(L, pollfd, &fd) != LUA_OK) lua_pop(L, 1);
  return fd;
}


static int timeout (lua_State *L) {
  double *seconds = lua_touserdata(L, 1);
  if (!push_method(L, "timeout")) return 0;
  lua_call(L, 1, 1);
  if (!lua_isnil(L, -1)) *seconds = luaL_checknumber(L, -1);
  return 0;
}


double novita_timeout (lua_State *L) {
  double seconds = -1;
  if (protect(L, timeout, &seconds) == LUA_OK) return seconds;
  lua_pop(L, 1);
  return 0;  /* now: the step will report the error */
}


static int step (lua_State *L) {
  double seconds = *(double *)lua_touserdata(L, 1);
  if (!push_method(L, "step")) return 0;
  if (seconds < 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, seconds);
  lua_call(L, 2, 0);
  return 0;
}


int novita_step (lua_State *L, double seconds) {
  return protect(L, step, &seconds);
}
