/*
** host_poll.c: a program with its own poll(2) loop that runs Lua scripts side
** by side, each in a lua_State. It never blocks in novita: it waits for one
** descriptor per state, together with its other work (here a clock that ticks
** four times a second).
**
**   host_poll script.lua [script.lua ...]
**
** Build it with all of csrc/, see csrc/novita.h. The exit status is 1 if a
** script raised an error.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../csrc/novita.h"

#define TICK 250  /* milliseconds */
#define MOST 64   /* scripts */

struct script {
  lua_State *L;
  const char *path;
  int ended;
  int failed;
};

/* Runs the script as a novita coroutine, which its waits suspend while the
** host continues. The script gets the client. */
static const char start[] =
  "local novita, path, ended = require 'novita', ...\n"
  "local key = os.getenv 'NOVITA_API_KEY' or 'none'\n"
  "local client = novita.client { api_key = key }\n"
  "local script = assert(loadfile(path))\n"
  "client:group():spawn(function()\n"
  "  ended(xpcall(script, debug.traceback, client))\n"
  "end)\n";


static int complain (struct script *s) {
  fprintf(stderr, "%s: %s\n", s->path, luaL_tolstring(s->L, -1, NULL));
  lua_settop(s->L, 0);
  s->ended = s->failed = 1;
  return -1;
}


/* ended(ok, message): the script has returned, or raised an error */
static int ended (lua_State *L) {
  struct script *s = (struct script *)lua_touserdata(L, lua_upvalueindex(1));
  s->ended = 1;
  s->failed = !lua_toboolean(L, 1);
  if (s->failed)
    fprintf(stderr, "%s: %s\n", s->path, luaL_tolstring(L, 2, NULL));
  return 0;
}


/* the emulator, which a program that is no test leaves out */
static void add_emulator (lua_State *L) {
  static const luaL_Reg modules[] = {
    {"novita.httpd", luaopen_novita_httpd},
    {"novita.service.core", luaopen_novita_service_core},
    {"novita.emulator.sockets", luaopen_novita_emulator_sockets},
    {NULL, NULL}
  };
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(L, modules, 0);
  lua_pop(L, 1);
}


static int open_script (struct script *s, const char *path) {
  s->path = path;
  s->ended = s->failed = 0;
  s->L = luaL_newstate();
  if (s->L == NULL) return -1;
  luaL_openlibs(s->L);
  novita_preload(s->L);
  add_emulator(s->L);
  if (luaL_loadstring(s->L, start) != LUA_OK) return complain(s);
  lua_pushstring(s->L, path);
  lua_pushlightuserdata(s->L, s);
  lua_pushcclosure(s->L, ended, 1);
  return lua_pcall(s->L, 2, 0, 0) == LUA_OK ? 0 : complain(s);
}


/* Sets the descriptor to wait for; returns the timeout in milliseconds. */
static int poll_timeout (struct script *s, struct pollfd *p, int longest) {
  double seconds = s->ended ? -1 : novita_timeout(s->L);
  p->fd = s->ended ? -1 : novita_pollfd(s->L);  /* poll(2) skips -1 */
  p->events = POLLIN;
  p->revents = 0;
  if (seconds < 0 || seconds * 1000 >= longest) return longest;
  return (int)(seconds * 1000) + 1;
}


static int run (struct script *scripts, int count) {
  struct pollfd fds[MOST];
  int i, left = count, failed = 0;
  while (left > 0) {
    int wait = TICK;
    for (i = 0; i < count; i++) wait = poll_timeout(&scripts[i], &fds[i], wait);
    if (poll(fds, (nfds_t)count, wait) == 0) fputs(".", stderr);
    for (i = 0; i < count; i++) {
      if (scripts[i].ended) continue;
      if (novita_step(scripts[i].L, 0) != LUA_OK) complain(&scripts[i]);
      left -= scripts[i].ended;
      failed |= scripts[i].failed;
    }
  }
  return failed;
}


int main (int argc, char **argv) {
  struct script scripts[MOST];
  int i, result = 0, count = argc - 1;
  if (count < 1 || count > MOST) {
    fprintf(stderr, "usage: %s script.lua [script.lua ...]\n", argv[0]);
    return 2;
  }
  for (i = 0; i < count; i++) {
    if (open_script(&scripts[i], argv[i + 1]) == 0) continue;
    result = 1;
    count = i;
    if (scripts[i].L != NULL) lua_close(scripts[i].L);
  }
  if (result == 0) result = run(scripts, count);
  for (i = 0; i < count; i++) lua_close(scripts[i].L);
  return result;
}
