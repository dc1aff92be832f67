/*
** client.c: core.client(loop, options) -> client
** The options are complete: novita.client has checked them and filled in the
** defaults. The key goes into the header list; it is not kept anywhere that
** Lua can read.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "loop_handle.h"
#include "core.h"


/* {====== options ====== */

static double number (lua_State *L, const char *name) {
  double x;
  lua_getfield(L, 2, name);
  x = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return x;
}


/* The string stays alive in the options table at index 2. */
static const char *string (lua_State *L, const char *name) {
  const char *s;
  lua_getfield(L, 2, name);
  s = luaL_optstring(L, -1, NULL);
  lua_pop(L, 1);
  return s;
}


static bool boolean (lua_State *L, const char *name) {
  bool on;
  lua_getfield(L, 2, name);
  on = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return on;
}


static void http_options (lua_State *L, struct novita_pool_options *o) {
  o->server.base_url = string(L, "base_url");
  o->server.key = string(L, "key");
  o->server.ca_file = string(L, "ca_file");
  o->server.ca_dir = string(L, "ca_dir");
  o->server.allow_private = boolean(L, "allow_private");
  o->server.user_agent = string(L, "user_agent");
  o->connections = (int)number(L, "connections");
  o->server.connect_seconds = number(L, "connect_timeout");
  o->retry.attempts = (int)number(L, "retry_attempts");
  o->retry.base = number(L, "retry_min");
  o->retry.cap = number(L, "retry_max");
}


static void watch_options (lua_State *L, struct novita_watch_options *o) {
  o->schedule.min = number(L, "poll_min");
  o->schedule.max = number(L, "poll_max");
  o->per_second = number(L, "poll_rate");
  o->grace = number(L, "poll_not_found_grace");
  o->unknown_timeout = number(L, "poll_unknown_timeout");
  o->try_seconds = number(L, "poll_timeout");
  o->at_once = (int)number(L, "connections");
}

/* }====== */


static void shut (struct novita_lua_client *client) {
  client->open = false;
  client->pool.loop->users--;
  novita_watch_scheduler_close(&client->watcher);
  novita_pool_close(&client->pool);
}


static int client_gc (lua_State *L) {
  struct novita_lua_client *client = luaL_checkudata(L, 1, NOVITA_LUA_CLIENT);
  if (client->open && !novita_loop_inherited(client->pool.loop)) shut(client);
  return 0;
}


/* client:close() -> the continuations of the ops that it canceled */
static int client_close (lua_State *L) {
  struct novita_lua_client *client = luaL_checkudata(L, 1, NOVITA_LUA_CLIENT);
  lua_settop(L, 1);
  if (!client->open) {
    lua_newtable(L);
    return 1;
  }
  novita_lua_loop_handle_check_pid(L, client->pool.loop);
  lua_getiuservalue(L, 1, 1);
  novita_lua_op_list(L, 2, 1);
  client->pool.closing = true;  /* start no waiting request */
  novita_lua_op_cancel_list(L, 2);
  shut(client);
  return 1;
}


static const luaL_Reg methods[] = {
  {"request", novita_lua_request}, {"upload", novita_lua_upload},
  {"download", novita_lua_download}, {"watch", novita_lua_watch},
  {"account", novita_lua_digest_account}, {"close", client_close},
  {NULL, NULL}
};


static int client_new (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  struct novita_pool_options pool;
  struct novita_watch_options watch;
  struct novita_error e;
  struct novita_lua_client *client;
  int uploads;
  luaL_checktype(L, 2, LUA_TTABLE);
  http_options(L, &pool);
  watch_options(L, &watch);
  uploads = (int)number(L, "uploads");
  client = lua_newuserdatauv(L, sizeof *client, 1);
  memset(client, 0, sizeof *client);
  luaL_setmetatable(L, NOVITA_LUA_CLIENT);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  if (novita_pool_open(&client->pool, loop, &pool, &e) != 0)
    return novita_lua_error_return(L, &e);
  client->open = true;
  loop->users++;
  novita_upload_queue_init(&client->uploads, &client->pool, uploads);
  if (novita_watch_scheduler_open(&client->watcher, &client->pool, &watch, &e)
      == 0)
    return 1;
  shut(client);
  return novita_lua_error_return(L, &e);
}


int novita_lua_client (lua_State *L) {
  luaL_newmetatable(L, NOVITA_LUA_CLIENT);  /* new, or left by a failed open */
  lua_pushcfunction(L, client_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  novita_lua_request_kind(L);
  novita_lua_upload_kind(L);
  novita_lua_download_kind(L);
  novita_lua_watch_kind(L);
  lua_pushcfunction(L, client_new);
  return 1;
}
