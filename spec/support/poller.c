/*
** poller.c: the poll(2) backend, for a spec.
**   seen(count, max, waits) -> how many of 'count' descriptors, all of them
**     ready, some wait has reported, if each reports at most 'max'
*/
#include "../../csrc/base/clock.c"
#include "../../csrc/base/text.c"
#include "../../csrc/base/error.c"
#include "../../csrc/event/poller_poll.c"

#include <lauxlib.h>
#include <lua.h>

#define MOST 200


static int seen (lua_State *L) {
  int count = (int)luaL_checkinteger(L, 1), max = (int)luaL_checkinteger(L, 2);
  int waits = (int)luaL_checkinteger(L, 3), ends[2], i, number = 0;
  int fds[MOST];
  bool reported[1024] = {false};
  struct novita_poller_event ready[MOST];
  struct novita_error e;
  struct novita_poller *poller = novita_poller_poll(&e);
  luaL_argcheck(L, count <= MOST && max <= MOST && poller != NULL, 1, e.text);
  if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
    return luaL_error(L, "no pipe");
  for (i = 0; i < count; i++) {
    fds[i] = dup(ends[0]);
    poller->ops->watch(poller, fds[i], NOVITA_POLLER_READ);
  }
  while (waits-- > 0) {
    int n = poller->ops->wait(poller, ready, max, 0);
    for (i = 0; i < n; i++) reported[ready[i].fd] = true;
  }
  for (i = 0; i < count; i++) {
    number += reported[fds[i]];
    close(fds[i]);
  }
  close(ends[0]);
  close(ends[1]);
  poller->ops->close(poller);
  lua_pushinteger(L, number);
  return 1;
}


int luaopen_poller (lua_State *L);

int luaopen_poller (lua_State *L) {
  static const luaL_Reg functions[] = {{"seen", seen}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
