/*
** host_checks.c: a C program that calls the functions of novita.h where they
** could do harm: before novita was required, with wrong arguments, in a
** coroutine, and with an allocator that fails. It prints a line for each case
** that is as the header says, and ends with status 1 at the first that is not.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../csrc/novita.h"

#define TURNS 10000  /* more steps than any case takes */

/* how many allocations succeed before all fail; -1: no limit */
static int allowed = -1;


static void *allocate (void *unused, void *block, size_t old, size_t size) {
  (void)unused;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (allowed == 0 && (block == NULL || size > old)) return NULL;
  if (allowed > 0) allowed--;
  return realloc(block, size);
}


static int panic (lua_State *L) {
  printf("an error left a function: %s\n", lua_tostring(L, -1));
  exit(1);
}


static void require_that (int condition, const char *what) {
  if (condition) return;
  printf("not: %s\n", what);
  exit(1);
}


static lua_State *new_state (void) {
  lua_State *L = lua_newstate(allocate, NULL);
  require_that(L != NULL, "a state");
  lua_atpanic(L, panic);
  luaL_openlibs(L);
  return L;
}


static void run (lua_State *L, const char *text) {
  if (luaL_dostring(L, text) == LUA_OK) return;
  printf("%s\n", lua_tostring(L, -1));
  exit(1);
}


static int is_ended (lua_State *L) {
  int value;
  lua_getglobal(L, "ended");
  value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}


static void drive (lua_State *L) {
  int turn, top = lua_gettop(L);
  for (turn = 0; turn < TURNS && !is_ended(L); turn++) {
    struct pollfd p = {novita_pollfd(L), POLLIN, 0};
    double seconds = novita_timeout(L);
    poll(&p, 1, seconds < 0 ? -1 : (int)(seconds * 1000) + 1);
    require_that(novita_step(L, 0) == LUA_OK, "a step");
  }
  require_that(is_ended(L), "the script ends");
  require_that(lua_gettop(L) == top, "the stack is as it was");
}


static const char sleeper[] =
  "ended = false\n"
  "local client = require('novita').client { api_key = 'none' }\n"
  "client:group():spawn(function()\n"
  "  for _ = 1, 3 do client:sleep(0.02) end\n"
  "  client:close()\n"
  "  ended = true\n"
  "end)\n";


static void check_before_require (lua_State *L) {
  int top = lua_gettop(L);
  require_that(novita_pollfd(L) == -1, "no descriptor");
  require_that(novita_timeout(L) < 0, "no timeout");
  require_that(novita_step(L, 0) == LUA_OK, "a step without work");
  require_that(novita_step(L, -1) == LUA_OK, "which does not wait");
  require_that(lua_gettop(L) == top, "the stack is as it was");
  puts("before require");
}


static void check_driving (lua_State *L) {
  int fd, has_epoll = getenv("NOVITA_POLLER") == NULL;
  run(L, "require 'novita'");
  fd = novita_pollfd(L);
  require_that((fd >= 0) == has_epoll, "a descriptor with epoll");
  require_that(novita_timeout(L) < 0, "no timeout without work");
  run(L, sleeper);
  require_that(novita_timeout(L) == 0, "a coroutine that is ready");
  require_that(novita_step(L, 0) == LUA_OK, "a step");
  require_that(novita_timeout(L) > 0, "a coroutine that sleeps");
  drive(L);
  require_that(novita_pollfd(L) == fd, "the same descriptor");
  puts("driven");
}


static void check_waiting (lua_State *L) {
  int turn;
  run(L, sleeper);
  for (turn = 0; turn < TURNS && !is_ended(L); turn++)
    require_that(novita_step(L, -1) == LUA_OK, "a step that waits");
  require_that(is_ended(L), "the script ends");
  puts("waited");
}


/* The step has failed and left its error. */
static void expect_error (lua_State *L, int status, int top, const char *text) {
  require_that(status == LUA_ERRRUN, "an error");
  require_that(lua_gettop(L) == top + 1, "the error is on the stack");
  require_that(strstr(lua_tostring(L, -1), text) != NULL, text);
  lua_settop(L, top);
}


static int step_inside (lua_State *L) {
  int top = lua_gettop(L);
  expect_error(L, novita_step(L, 0), top, "step is for the loop around");
  return 0;
}


static void check_wrong_use (lua_State *L) {
  int top = lua_gettop(L);
  expect_error(L, novita_step(L, NAN), top, "timeout must be a number");
  lua_register(L, "step_inside", step_inside);
  run(L, "ended = false\n"
         "local client = require('novita').client { api_key = 'none' }\n"
         "client:group():spawn(function() step_inside() ended = true end)\n");
  drive(L);
  puts("wrong use");
}


static void check_no_memory_for_preload (void) {
  int limit, found = 0;
  for (limit = 0; !found; limit++) {
    lua_State *L = new_state();
    int top = lua_gettop(L);
    allowed = limit;
    novita_preload(L);
    allowed = -1;
    require_that(lua_gettop(L) == top, "the stack is as it was");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    found = lua_getfield(L, -1, "novita.core") == LUA_TFUNCTION;
    lua_close(L);
  }
  puts("preload on out-of-memory");
}


/* Fails the first allocation of each function, then the second, and so on until
** the step succeeds. */
static void check_no_memory (void) {
  lua_State *L = new_state();
  int limit, status = LUA_ERRMEM;
  novita_preload(L);
  run(L, "require 'novita'");
  for (limit = 0; status != LUA_OK; limit++) {
    int fd, top = lua_gettop(L);
    double seconds;
    allowed = limit;
    fd = novita_pollfd(L);
    allowed = limit;
    seconds = novita_timeout(L);
    allowed = limit;
    status = novita_step(L, 0);
    allowed = -1;
    require_that(lua_gettop(L) == top + (status != LUA_OK), "one error");
    require_that(limit > 0 || status != LUA_OK, "the first one fails");
    require_that(limit > 0 || (fd == -1 && seconds == 0), "a step is due");
    lua_settop(L, top);
  }
  run(L, sleeper);
  drive(L);
  lua_close(L);
  puts("loop on out-of-memory");
}


int main (void) {
  lua_State *L = new_state();
  setvbuf(stdout, NULL, _IONBF, 0);
  novita_preload(L);
  check_before_require(L);
  check_driving(L);
  check_waiting(L);
  check_wrong_use(L);
  lua_close(L);
  check_no_memory_for_preload();
  check_no_memory();
  return 0;
}
