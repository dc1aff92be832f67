/*
** host.c: 'lua5.4 script args' as our own program, so that it can be built
** with sanitizers: children of the specs then run without them, unlike with a
** preloaded library. NOVITA_COLLECTOR makes its collector "generational" or
** "eager": "eager" collects everything every few hundred thousand
** instructions, so that objects that C holds without an anchor are soon gone.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EAGER 300000  /* instructions */


static int with_traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}


static void collect (lua_State *L, lua_Debug *at) {
  (void)at;
  lua_gc(L, LUA_GCCOLLECT);
}


/* Coroutines inherit the hook, as they would not one of debug.sethook. */
static void choose_collector (lua_State *L) {
  const char *name = getenv("NOVITA_COLLECTOR");
  if (name == NULL) return;
  if (strcmp(name, "generational") == 0) lua_gc(L, LUA_GCGEN, 0, 0);
  if (strcmp(name, "eager") == 0) {
    lua_gc(L, LUA_GCINC, 1, 1000, 0);
    lua_sethook(L, collect, LUA_MASKCOUNT, EAGER);
  }
}


static void set_arg (lua_State *L, int argc, char **argv) {
  int i;
  lua_newtable(L);
  for (i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1);  /* the script is arg[0] */
  }
  lua_setglobal(L, "arg");
}


int main (int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int i, status;
  if (L == NULL || argc < 2) return 2;
  signal(SIGINT, SIG_DFL);  /* lua5.4 catches it, even if a shell ignores it */
  luaL_openlibs(L);
  choose_collector(L);
  set_arg(L, argc, argv);
  lua_pushcfunction(L, with_traceback);
  status = luaL_loadfile(L, argv[1]);
  if (status == LUA_OK) {
    for (i = 2; i < argc; i++) lua_pushstring(L, argv[i]);
    status = lua_pcall(L, argc - 2, 0, 1);
  }
  if (status != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return status == LUA_OK ? 0 : 1;
}
