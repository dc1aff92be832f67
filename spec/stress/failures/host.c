/*
** host.c: runs a Lua script repeatedly, and in each run another allocation
** fails: the first one, the second one, ... until a run has fewer
** allocations.   host SCRIPT c|lua FIRST STEP [args]
**
** Each run has a new Lua state; in the first run nothing fails. The script
** calls 'failing.arm()' at its start and 'failing.disarm()' at its end, and
** returns "success" or "error", and a text. With "c" the allocations of all C
** code count, with "lua" those of the Lua state: Lua repeats a failed one
** after a collection, and that one fails too.
**
** Prints "point N success|error|leaked text", and "through" at the end. A bug
** found by AddressSanitizer or LeakSanitizer ends the program.
*/
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include "failing.h"

/* Modules stay when their state goes: a leak's place is still known then. */
int dlclose (void *module) {
  (void)module;
  return 0;
}


#if defined(__SANITIZE_ADDRESS__)
/* lua-cjson loses its buffer when Lua raises for lack of memory within it */
const char *__lsan_default_suppressions (void);
const char *__lsan_default_suppressions (void) {
  return "leak:cjson.so\n";
}
#endif

#define TIMEOUT 300  /* seconds for one run; longer means it hangs */

struct trial {
  int c;             /* C's allocations fail, not Lua's */
  long number;
  long count;        /* growing allocations of Lua's since 'arm' */
  int armed, fired;
  size_t again;      /* the size that is asked for again after a collection */
};


static int lua_fails (struct trial *t, size_t old, size_t size) {
  if (t->c || !t->armed || size <= old) return 0;
  if (t->again == size) {
    t->again = 0;
    return 1;
  }
  if (++t->count != t->number) return 0;
  t->again = size;
  t->fired = 1;
  return 1;
}


/* For a new block Lua passes its kind instead of an old size. */
static void *allocate (void *data, void *block, size_t old, size_t size) {
  struct trial *t = data;
  if (size == 0) {
    failing_free(block);
    return NULL;
  }
  if (lua_fails(t, block != NULL ? old : 0, size)) return NULL;
  return failing_never(block, size);
}


static struct trial *trial_of (lua_State *L) {
  void *data;
  lua_getallocf(L, &data);
  return data;
}


static int arm (lua_State *L) {
  struct trial *t = trial_of(L);
  lua_gc(L, LUA_GCCOLLECT);
  t->armed = 1;
  if (t->c) failing_arm(t->number);
  return 0;
}


static void disarm (struct trial *t) {
  if (t->c && t->armed) t->fired = failing_disarm() >= t->number;
  t->armed = 0;
}


/* -> whether it has failed */
static int disarm_ (lua_State *L) {
  struct trial *t = trial_of(L);
  disarm(t);
  lua_pushboolean(L, t->fired);
  return 1;
}


static const luaL_Reg functions[] = {
  {"arm", arm}, {"disarm", disarm_}, {NULL, NULL}
};


static void give_arguments (lua_State *L, int argc, char **argv) {
  int i;
  lua_newtable(L);
  for (i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setglobal(L, "arg");
  lua_pushinteger(L, trial_of(L)->number);
  lua_setglobal(L, "number");
  luaL_newlib(L, functions);
  lua_setglobal(L, "failing");
}


/* "success text" or "error text" into 'said', on one line */
static void run (lua_State *L, struct trial *t, const char *script, char *said,
                 size_t size) {
  int status = luaL_loadfile(L, script);
  char *s;
  if (status == LUA_OK) status = lua_pcall(L, 0, 2, 0);
  disarm(t);
  if (status != LUA_OK) lua_pushliteral(L, "error"), lua_insert(L, -2);
  luaL_tolstring(L, -1, NULL);
  snprintf(said, size, "%s %s", lua_tostring(L, -3), lua_tostring(L, -1));
  for (s = said; *s != '\0'; s++)
    if (*s == '\n') *s = ' ';
}


static int descriptors (void) {
  DIR *folder = opendir("/proc/self/fd");
  int n = 0;
  if (folder == NULL) return 0;
  while (readdir(folder) != NULL) n++;
  closedir(folder);
  return n;
}


/* true when there is no allocation of this number */
static int try (const char *mode, long number, int argc, char **argv) {
  char said[512];
  struct trial trial = {strcmp(mode, "c") == 0, number, 0, 0, 0, 0};
  struct trial *t = &trial;
  int before = descriptors();
  lua_State *L = lua_newstate(allocate, t);
  alarm(TIMEOUT);
  luaL_openlibs(L);
  give_arguments(L, argc - 5, argv + 5);
  run(L, t, argv[1], said, sizeof said);
  lua_close(L);
  alarm(0);
#if defined(__SANITIZE_ADDRESS__)
  if (__lsan_do_recoverable_leak_check()) {
    printf("point %ld leaked %s [%s]\n", t->number, said, failing_place());
    exit(3);
  }
#endif
  if (descriptors() != before) {
    printf("point %ld leaked a descriptor: %s [%s]\n", t->number, said,
           failing_place());
    exit(3);
  }
  if (!t->fired) return 1;
  printf("point %ld %s [%s]\n", t->number, said, failing_place());
  return 0;
}


int main (int argc, char **argv) {
  long number, step;
  if (argc < 5) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  step = atol(argv[4]);
  number = atol(argv[3]);
  try("c", LONG_MAX, argc, argv);  /* what libraries make once, and keep */
  while (!try(argv[2], number, argc, argv)) number += step;
  puts("through");
  return 0;
}
