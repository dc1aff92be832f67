/*
** core.c: the C module 'novita.service.core'.
**   core.crypto                the functions of crypto.c
**   core.sender()              -> sender, with its own thread
**   sender:add(number, port, seconds, request)    posts to loopback, soon
**   sender:take()              -> number, status | nil: a delivery that ended
**   sender:close()             may be called twice; also as __gc and __close
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "../novita.h"
#include "crypto.h"
#include "sender.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: luarocks --lua-version 5.4 make"
#endif

#define SENDER "novita.service.sender"


static struct novita_sender *to_open (lua_State *L) {
  struct novita_sender *sender = luaL_checkudata(L, 1, SENDER);
  if (sender->pid == 0) luaL_error(L, "the sender is closed");
  return sender;
}


static int core_sender (lua_State *L) {
  struct novita_sender *sender = lua_newuserdatauv(L, sizeof *sender, 0);
  int r;
  sender->pid = 0;
  luaL_setmetatable(L, SENDER);
  r = novita_sender_open(sender);
  if (r != 0)
    return luaL_error(L, "cannot start a thread: %s", strerror(r));
  return 1;
}


static int sender_add (lua_State *L) {
  struct novita_sender *sender = to_open(L);
  size_t len;
  const char *request = luaL_checklstring(L, 5, &len);
  if (novita_sender_add(sender, (int)luaL_checkinteger(L, 2),
                        (int)luaL_checkinteger(L, 3), luaL_checknumber(L, 4),
                        request, len) != 0)
    return luaL_error(L, "not enough memory");
  return 0;
}


static int sender_take (lua_State *L) {
  struct novita_delivery *d = novita_sender_take(to_open(L));
  if (d == NULL) return 0;
  lua_pushinteger(L, d->number);
  lua_pushinteger(L, d->status);
  free(d);
  return 2;
}


static int sender_close (lua_State *L) {
  novita_sender_close(luaL_checkudata(L, 1, SENDER));
  return 0;
}


static const luaL_Reg methods[] = {
  {"add", sender_add},
  {"take", sender_take},
  {"close", sender_close},
  {NULL, NULL}
};

static const luaL_Reg metamethods[] = {
  {"__gc", sender_close},
  {"__close", sender_close},
  {"__index", NULL},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"sender", core_sender},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_service_core (lua_State *L) {
  luaL_checkversion(L);
  if (luaL_newmetatable(L, SENDER)) {
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  novita_service_crypto(L);
  lua_setfield(L, -2, "crypto");
  return 1;
}
