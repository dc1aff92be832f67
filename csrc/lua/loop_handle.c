/*
** loop_handle.c: see loop_handle.h
*/
#include <lauxlib.h>
#include <lua.h>

#include "loop_handle.h"


struct novita_loop *novita_lua_loop_handle_get (lua_State *L, int index) {
  struct novita_loop *loop = luaL_checkudata(L, index, NOVITA_LUA_LOOP);
  if (loop->poller == NULL)
    luaL_argerror(L, index, "the loop is closed");
  return loop;
}


void novita_lua_loop_handle_check_pid (lua_State *L,
                                       const struct novita_loop *loop) {
  if (novita_loop_inherited(loop))
    luaL_error(L, "this belongs to process %d, which has forked this one: "
                  "a child must open its own client", (int)loop->pid);
}


struct novita_loop *novita_lua_loop_handle_check (lua_State *L, int index) {
  struct novita_loop *loop = novita_lua_loop_handle_get(L, index);
  novita_lua_loop_handle_check_pid(L, loop);
  return loop;
}
