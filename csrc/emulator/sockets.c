/*
** sockets.c: the C module 'novita.emulator.sockets': what the emulator's faults
** do to a connection. The rules get the number of its descriptor with each
** request; the HTTP server closes it, soon after a function returned.
**   sockets.reset(descriptor)          send a TCP reset now
**   sockets.peer_closed(descriptor)    whether the peer has closed its end
*/
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <sys/socket.h>

#include "../novita.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: luarocks --lua-version 5.4 make"
#endif


static int sockets_reset (lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  struct linger linger = {1, 0};
  struct sockaddr nowhere;
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  /* the server calls shutdown before close, which would send a FIN first;
  ** dissolving the connection sends the reset at once */
  memset(&nowhere, 0, sizeof nowhere);
  nowhere.sa_family = AF_UNSPEC;
  (void)connect(fd, &nowhere, sizeof nowhere);
  return 0;
}


static int sockets_peer_closed (lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  char byte;
  ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  lua_pushboolean(L, n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR));
  return 1;
}


static const luaL_Reg functions[] = {
  {"reset", sockets_reset},
  {"peer_closed", sockets_peer_closed},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_emulator_sockets (lua_State *L) {
  luaL_checkversion(L);
  luaL_newlib(L, functions);
  return 1;
}
