/*
** httpd.c: the C module 'novita.emulator.server'.
**   server.start(options_json, port, body_limit) -> server | nil, message
**   server.crypto              the functions of crypto.h, for the specs
**   server:port()              the port it listens on
**   server:call(name, text)    -> text; raises what the rules raise
**   server:stop()              may be called twice; also as __gc and __close
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>

#include "../novita.h"
#include "crypto.h"
#include "server.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: luarocks --lua-version 5.4 make"
#endif

#define SERVER "novita.emulator.server"


static struct novita_httpd *to_running (lua_State *L) {
  struct novita_httpd *s = luaL_checkudata(L, 1, SERVER);
  if (s->daemon == NULL) luaL_error(L, "the emulator is stopped");
  if (novita_httpd_server_inherited(s))
    luaL_error(L, "the emulator belongs to process %d, which forked this one",
               (int)s->pid);
  return s;
}


static const char *package_field (lua_State *L, const char *field) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, field);
  return luaL_checkstring(L, -1);  /* stays on the stack */
}


/* the opener of a module that is compiled in, or NULL */
static lua_CFunction preloaded (lua_State *L, const char *name) {
  lua_CFunction open;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_getfield(L, -1, name);
  open = lua_tocfunction(L, -1);
  lua_pop(L, 2);
  return open;
}


static int server_start (lua_State *L) {
  char error[512];
  struct novita_httpd_options start;
  struct novita_httpd *s;
  start.options = luaL_checkstring(L, 1);
  start.port = (int)luaL_checkinteger(L, 2);
  start.body_limit = (size_t)luaL_checkinteger(L, 3);
  start.core = preloaded(L, "novita.core");
  start.path = package_field(L, "path");
  start.cpath = package_field(L, "cpath");
  s = lua_newuserdatauv(L, sizeof *s, 0);
  s->daemon = NULL;
  luaL_setmetatable(L, SERVER);
  if (novita_httpd_server_start(s, &start, error, sizeof error) == 0) return 1;
  lua_pushnil(L);
  lua_pushstring(L, error);
  return 2;
}


static int server_port (lua_State *L) {
  lua_pushinteger(L, to_running(L)->port);
  return 1;
}


static int server_call (lua_State *L) {
  struct novita_httpd *s = to_running(L);
  size_t text_len, len;
  const char *name = luaL_checkstring(L, 2);
  const char *text = luaL_optlstring(L, 3, "", &text_len);
  bool done;
  char *result = novita_rules_control(&s->rules, name, text, text_len, &len,
                                      &done);
  if (result == NULL) return luaL_error(L, "not enough memory");
  lua_pushlstring(L, result, len);
  free(result);
  return done ? 1 : lua_error(L);
}


static int server_stop (lua_State *L) {
  novita_httpd_server_stop(luaL_checkudata(L, 1, SERVER));
  return 0;
}


static const luaL_Reg methods[] = {
  {"port", server_port},
  {"call", server_call},
  {"stop", server_stop},
  {NULL, NULL}
};

static const luaL_Reg metamethods[] = {
  {"__gc", server_stop},
  {"__close", server_stop},
  {"__index", NULL},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"start", server_start},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_emulator_server (lua_State *L) {
  luaL_checkversion(L);
  if (luaL_newmetatable(L, SERVER)) {
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  novita_httpd_crypto(L);
  lua_setfield(L, -2, "crypto");
  return 1;
}
