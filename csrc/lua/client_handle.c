/*
** client_handle.c: see client_handle.h
*/
#include <lauxlib.h>
#include <lua.h>

#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "loop_handle.h"


struct novita_lua_client *
novita_lua_client_handle_check (lua_State *L, int index) {
  struct novita_lua_client *client =
    luaL_checkudata(L, index, NOVITA_LUA_CLIENT);
  if (!client->open) luaL_argerror(L, index, "the client is closed");
  novita_lua_loop_handle_check_pid(L, client->pool.loop);
  return client;
}


void novita_lua_client_handle_hold (lua_State *L, int op) {
  lua_settop(L, op);
  lua_getiuservalue(L, 1, 1);
  novita_lua_op_hold(L, op, -1, 2, 1);
}


/* The op is on the top. */
int novita_lua_client_handle_drop (lua_State *L, const struct novita_error *e) {
  lua_getiuservalue(L, 1, 1);
  novita_lua_op_drop(L, -2, lua_gettop(L));
  return novita_lua_error_return(L, e);
}
