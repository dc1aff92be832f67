/*
** host.c: 'lua5.4 script args' as a program of our own, so that it can be built
** with sanitizers in it: children of the specs then run without them, which a
** preloaded library would not allow.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>


static int with_traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
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
  signal(SIGINT, SIG_DFL);  /* lua5.4 catches it, even where a shell ignored it */
  luaL_openlibs(L);
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
