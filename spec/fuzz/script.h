/*
** script.h: targets that are written in Lua. A target is a file fuzz_*.c with
** the one line FUZZ_SCRIPT("name"); spec/fuzz/name.lua returns a function that
** takes the bytes and raises where a promise is broken. LUA_PATH and LUA_CPATH
** lead to the library, as everywhere.
**
** libFuzzer sees which lines of Lua an input reaches: a hook counts them where
** it looks for counters that are not its own.
*/
#ifndef novita_spec_fuzz_script_h
#define novita_spec_fuzz_script_h

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

#include "fuzz.h"

#define FUZZ_LINES 16384

__attribute__((section("__libfuzzer_extra_counters")))
static uint8_t fuzz_lines[FUZZ_LINES];

static lua_State *fuzz_state;

/* a chunk's name, hashed once: its text stays where it is */
static uint32_t fuzz_chunk (const char *name) {
  static struct { const char *name; uint32_t hash; } known[1024];
  size_t slot = ((uintptr_t)name >> 4) % 1024;
  const char *at;
  if (known[slot].name != name) {
    known[slot].name = name;
    known[slot].hash = 2166136261u;
    for (at = name; *at != '\0'; at++)
      known[slot].hash = (known[slot].hash ^ (uint8_t)*at) * 16777619u;
  }
  return known[slot].hash;
}


static void fuzz_on_line (lua_State *L, lua_Debug *ar) {
  uint8_t *line;
  lua_getinfo(L, "S", ar);
  line = &fuzz_lines[(fuzz_chunk(ar->source) + (uint32_t)ar->currentline * 31)
                     % FUZZ_LINES];
  if (*line < 255) ++*line;
}


static inline void fuzz_fail (lua_State *L) {
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}


static int fuzz_traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}


static inline void fuzz_open (const char *script) {
  lua_State *L = luaL_newstate();
  char path[64];
  if (L == NULL) abort();
  luaL_openlibs(L);
  lua_pushcfunction(L, fuzz_traceback);
  snprintf(path, sizeof path, "spec/fuzz/%s.lua", script);
  if (luaL_loadfile(L, path) != LUA_OK || lua_pcall(L, 0, 1, 1) != LUA_OK)
    fuzz_fail(L);
  lua_sethook(L, fuzz_on_line, LUA_MASKLINE, 0);
  fuzz_state = L;
}


static inline int fuzz_run (const char *script, const uint8_t *data,
                            size_t size) {
  if (fuzz_state == NULL) fuzz_open(script);
  lua_pushvalue(fuzz_state, 2);
  lua_pushlstring(fuzz_state, (const char *)data, size);
  if (lua_pcall(fuzz_state, 1, 0, 1) != LUA_OK) fuzz_fail(fuzz_state);
  return 0;
}

#define FUZZ_SCRIPT(script)                                           \
  int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {     \
    return fuzz_run(script, data, size);                              \
  }

#endif
