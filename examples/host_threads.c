/*
** host_threads.c: a program that runs each Lua script in its own thread, with
** its own lua_State. The states share nothing; a wait blocks only its thread.
**
**   host_threads script.lua [script.lua ...]
**
** Build it with all of csrc/, see csrc/novita.h. The exit status is 1 if a
** script raised an error.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>

#include "../csrc/novita.h"

#define MOST 64

struct script {
  pthread_t thread;
  const char *path;
  int failed;
};


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


static void *work (void *arg) {
  struct script *s = arg;
  lua_State *L = luaL_newstate();
  if (L == NULL) return NULL;
  luaL_openlibs(L);
  novita_preload(L);
  add_emulator(L);
  s->failed = luaL_dofile(L, s->path);
  if (s->failed)
    fprintf(stderr, "%s: %s\n", s->path, luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return NULL;
}


int main (int argc, char **argv) {
  struct script scripts[MOST];
  int i, started, result = 0, count = argc - 1;
  if (count < 1 || count > MOST) {
    fprintf(stderr, "usage: %s script.lua [script.lua ...]\n", argv[0]);
    return 2;
  }
  for (started = 0; started < count; started++) {
    struct script *s = &scripts[started];
    s->path = argv[started + 1];
    s->failed = 1;
    if (pthread_create(&s->thread, NULL, work, s) != 0) break;
  }
  for (i = 0; i < started; i++) {
    pthread_join(scripts[i].thread, NULL);
    result |= scripts[i].failed;
  }
  return result || started < count;
}
