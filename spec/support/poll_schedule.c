/*
** poll_schedule.c: the arithmetic of polls, for a spec.
**   backoff(min, max, failures) -> seconds
**   interval(min, max, age) -> seconds
*/
#include "../../csrc/base/random.c"
#include "../../csrc/watch/poll_schedule.c"

#include <lauxlib.h>
#include <lua.h>

static struct novita_random source;


static struct novita_poll_schedule schedule (lua_State *L) {
  struct novita_poll_schedule s;
  s.min = luaL_checknumber(L, 1);
  s.max = luaL_checknumber(L, 2);
  return s;
}


static int backoff (lua_State *L) {
  struct novita_poll_schedule s = schedule(L);
  lua_pushnumber(L, novita_poll_schedule_backoff(
    &s, (int)luaL_checkinteger(L, 3), 0, &source));
  return 1;
}


static int interval (lua_State *L) {
  struct novita_poll_schedule s = schedule(L);
  struct novita_task_status status = {0};
  status.eta = status.percent = -1;
  lua_pushnumber(L, novita_poll_schedule_interval(
    &s, &status, luaL_checknumber(L, 3), &source));
  return 1;
}


int luaopen_poll_schedule (lua_State *L);

int luaopen_poll_schedule (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"backoff", backoff}, {"interval", interval}, {NULL, NULL}
  };
  novita_random_seed(&source);
  luaL_newlib(L, functions);
  return 1;
}
