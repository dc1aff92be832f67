/*
** poll_fd.c: a Lua module for specs: what another event loop sees of a
** descriptor.
**   poll_fd.readable(fd, milliseconds) -> boolean
*/
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>


static int readable (lua_State *L) {
  struct pollfd p;
  p.fd = (int)luaL_checkinteger(L, 1);
  p.events = POLLIN;
  p.revents = 0;
  lua_pushboolean(L, poll(&p, 1, (int)luaL_checkinteger(L, 2)) == 1);
  return 1;
}


int luaopen_poll_fd (lua_State *L);

int luaopen_poll_fd (lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, readable);
  lua_setfield(L, -2, "readable");
  return 1;
}
