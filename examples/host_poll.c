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
};

/* Runs the script as a novita coroutine, which its waits suspend while the
** host continues. The script gets the client. Returns the loop and the
** coroutine. */
static const char start[] =
  "local novita, path = require 'novita', ...\n"
  "local key = os.getenv 'NOVITA_API_KEY' or 'none'\n"
  "local client = novita.client { api_key = key }\n"
  "local group = client:group { collect = true }\n"
  "return novita.loop, group:spawn(assert(loadfile(path)), client)\n";


static void preload (lua_State *L, const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}


static int complain (struct script *s) {
  fprintf(stderr, "%s: %s\n", s->path, luaL_tolstring(s->L, -1, NULL));
  return -1;
}


/* Leaves the loop at index 1 and the coroutine at index 2. */
static int open_script (struct script *s, const char *path) {
  s->path = path;
  s->ended = 0;
  s->L = luaL_newstate();
  if (s->L == NULL) return -1;
  luaL_openlibs(s->L);
  preload(s->L, "novita.core", luaopen_novita_core);
  preload(s->L, "novita.emulator.server", luaopen_novita_emulator_server);
  if (luaL_loadstring(s->L, start) != LUA_OK) return complain(s);
  lua_pushstring(s->L, path);
  return lua_pcall(s->L, 1, 2, 0) == LUA_OK ? 0 : complain(s);
}


/* object:method(argument), one result on the stack */
static int call (struct script *s, int object, const char *method,
                 lua_Integer argument) {
  lua_getfield(s->L, object, method);
  lua_pushvalue(s->L, object);
  lua_pushinteger(s->L, argument);
  return lua_pcall(s->L, 2, 1, 0) == LUA_OK ? 0 : complain(s);
}


/* Sets the descriptor to wait for; returns the timeout in milliseconds. */
static int poll_timeout (struct script *s, struct pollfd *p, int longest) {
  double seconds;
  p->fd = -1;  /* poll(2) skips it */
  p->events = POLLIN;
  p->revents = 0;
  if (s->ended) return longest;
  if (call(s, 1, "pollfd", 0) == 0 && !lua_isnil(s->L, -1))
    p->fd = (int)lua_tointeger(s->L, -1);
  call(s, 1, "timeout", 0);
  seconds = lua_isnil(s->L, -1) ? longest : lua_tonumber(s->L, -1);
  lua_settop(s->L, 2);
  return seconds * 1000 < longest ? (int)(seconds * 1000) + 1 : longest;
}


/* Resumes the script and notes its end. -1: it raised an error. */
static int step (struct script *s) {
  int r = call(s, 1, "step", 0);
  if (r == 0) r = call(s, 2, "done", 0);
  s->ended = r != 0 || lua_toboolean(s->L, -1);
  if (r == 0 && s->ended) {
    lua_getfield(s->L, 2, "raised");
    if (!lua_isnil(s->L, -1)) r = complain(s);
  }
  lua_settop(s->L, 2);
  return r;
}


static int run (struct script *scripts, int count) {
  struct pollfd fds[MOST];
  int i, left = count, result = 0;
  while (left > 0) {
    int wait = TICK;
    for (i = 0; i < count; i++) wait = poll_timeout(&scripts[i], &fds[i], wait);
    if (poll(fds, (nfds_t)count, wait) == 0) fputs(".", stderr);
    for (i = 0; i < count; i++) {
      if (scripts[i].ended) continue;
      if (step(&scripts[i]) != 0) result = 1;
      left -= scripts[i].ended;
    }
  }
  return result;
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
