/*
** httpd.c: the C module 'novita.httpd'.
**   httpd.start(settings) -> server | nil, message
**     settings: name, entry, options, address, port, certificate, key,
**     body_limit, timeout, tick
**   server:port()              the port it listens on
**   server:call(name, text)    -> text; raises what the rules raise
**   server:stop()              may be called twice; also as __gc and __close
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

#include "../novita.h"
#include "listen.h"
#include "server.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: luarocks --lua-version 5.4 make"
#endif

#define SERVER "novita.httpd.server"


static struct novita_httpd *to_running (lua_State *L) {
  struct novita_httpd *s = luaL_checkudata(L, 1, SERVER);
  if (s->daemon == NULL) luaL_error(L, "%s is stopped", s->name);
  if (novita_httpd_server_inherited(s))
    luaL_error(L, "%s belongs to process %d, which forked this one", s->name,
               (int)s->pid);
  return s;
}


/* a field of the settings, the first argument; it stays on the stack */
static const char *text_field (lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  return luaL_checkstring(L, -1);
}


/* the same; NULL if it is not there */
static const char *optional_field (lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  return luaL_optstring(L, -1, NULL);
}


static lua_Number number_field (lua_State *L, const char *name) {
  lua_Number n;
  lua_getfield(L, 1, name);
  n = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return n;
}


/* keys and photos never cross a network without TLS */
static void check_address (lua_State *L,
                           const struct novita_httpd_options *options) {
  if (!novita_listen_is_address(options->address))
    luaL_error(L, "address must be a number such as 127.0.0.1, got \"%s\"",
               options->address);
  if ((options->certificate == NULL) != (options->key == NULL))
    luaL_error(L, "certificate and key must be given together");
  if (options->certificate == NULL &&
      !novita_listen_is_loopback(options->address))
    luaL_error(L, "the address %s needs a certificate and a key",
               options->address);
}


/* what its texts point to stays on the stack */
static void read_settings (lua_State *L, struct novita_httpd_options *options) {
  luaL_checktype(L, 1, LUA_TTABLE);
  options->rules.from = L;
  options->rules.entry = text_field(L, "entry");
  options->rules.options = text_field(L, "options");
  options->address = optional_field(L, "address");
  if (options->address == NULL) options->address = "127.0.0.1";
  options->port = (int)number_field(L, "port");
  options->certificate = optional_field(L, "certificate");
  options->key = optional_field(L, "key");
  options->body_limit = (size_t)number_field(L, "body_limit");
  lua_getfield(L, 1, "timeout");
  options->timeout = (unsigned)luaL_optinteger(L, -1, 0);
  options->tick = number_field(L, "tick");
  check_address(L, options);
}


static int httpd_start (lua_State *L) {
  char error[512];
  struct novita_httpd_options options;
  struct novita_httpd *s;
  read_settings(L, &options);
  s = lua_newuserdatauv(L, sizeof *s, 0);
  s->daemon = NULL;
  snprintf(s->name, sizeof s->name, "%s", text_field(L, "name"));
  lua_pop(L, 1);
  luaL_setmetatable(L, SERVER);
  if (novita_httpd_server_start(s, &options, error, sizeof error) == 0)
    return 1;
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
  {"start", httpd_start},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_httpd (lua_State *L) {
  luaL_checkversion(L);
  if (luaL_newmetatable(L, SERVER)) {
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
