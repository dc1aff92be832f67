/*
** client.c: core.client(loop, options) -> client
** The options are plain and complete: novita.client checks what people write
** and fills in the defaults. The key goes into the header list and is not
** kept anywhere that Lua could read.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "error.h"
#include "handle.h"
#include "op.h"
#include "loop_handle.h"
#include "parts.h"


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


static void http_options (lua_State *L, struct novita_http_options *o) {
  o->base_url = string(L, "base_url");
  o->key = string(L, "key");
  o->ca_file = string(L, "ca_file");
  o->user_agent = string(L, "user_agent");
  o->connections = (int)number(L, "connections");
  o->connect_seconds = number(L, "connect_timeout");
  o->retry.attempts = (int)number(L, "retry_attempts");
  o->retry.base = number(L, "retry_base");
  o->retry.cap = number(L, "retry_cap");
}


static void watch_options (lua_State *L, struct novita_watch_options *o) {
  o->pace.first = number(L, "poll_first");
  o->pace.min = number(L, "poll_min");
  o->pace.max = number(L, "poll_max");
  o->per_second = number(L, "poll_budget");
  o->grace = number(L, "poll_grace");
  o->try_seconds = number(L, "poll_timeout");
  o->at_once = (int)number(L, "connections");
}

/* }====== */


static void shut (struct novita_lua_client *client) {
  client->open = false;
  client->http.loop->users--;
  novita_watcher_close(&client->watcher);
  novita_http_close(&client->http);
}


static int client_gc (lua_State *L) {
  struct novita_lua_client *client = luaL_checkudata(L, 1, NOVITA_LUA_CLIENT);
  if (client->open && !novita_loop_inherited(client->http.loop)) shut(client);
  return 0;
}


/* client:close() -> the continuations of everything that was under way */
static int client_close (lua_State *L) {
  struct novita_lua_client *client = luaL_checkudata(L, 1, NOVITA_LUA_CLIENT);
  lua_settop(L, 1);
  if (!client->open) {
    lua_newtable(L);
    return 1;
  }
  novita_lua_check_owner(L, client->http.loop);
  lua_getiuservalue(L, 1, 1);
  novita_lua_op_list(L, 2, 1);
  client->http.closing = true;  /* a place that comes free stays free */
  novita_lua_op_cancel_list(L, 2);
  shut(client);
  return 1;
}


static const luaL_Reg methods[] = {
  {"request", novita_lua_request}, {"upload", novita_lua_upload},
  {"download", novita_lua_download}, {"watch", novita_lua_watch},
  {"close", client_close}, {NULL, NULL}
};


static int client_new (lua_State *L) {
  struct novita_loop *loop = novita_lua_check_loop(L, 1);
  struct novita_http_options http;
  struct novita_watch_options watch;
  struct novita_error e;
  struct novita_lua_client *client;
  int uploads;
  luaL_checktype(L, 2, LUA_TTABLE);
  http_options(L, &http);
  watch_options(L, &watch);
  uploads = (int)number(L, "uploads");
  client = lua_newuserdatauv(L, sizeof *client, 1);
  memset(client, 0, sizeof *client);
  luaL_setmetatable(L, NOVITA_LUA_CLIENT);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  if (novita_http_open(&client->http, loop, &http, &e) != 0)
    return novita_lua_fail(L, &e);
  client->open = true;
  loop->users++;
  novita_uploads_init(&client->uploads, &client->http, uploads);
  if (novita_watcher_open(&client->watcher, &client->http, &watch, &e) == 0)
    return 1;
  shut(client);
  return novita_lua_fail(L, &e);
}


int novita_lua_client (lua_State *L) {
  luaL_newmetatable(L, NOVITA_LUA_CLIENT);  /* or one that lacked memory once */
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
