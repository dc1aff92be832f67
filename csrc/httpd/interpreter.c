/*
** interpreter.c: see interpreter.h. The stack is empty between two calls. The
** lock is recursive because a call may drop a response, which frees its own
** reference.
*/
#define _GNU_SOURCE 1

#include <lauxlib.h>
#include <stdio.h>

#include "interpreter.h"


int novita_interpreter_open (struct novita_interpreter *in) {
  pthread_mutexattr_t attr;
  in->L = luaL_newstate();
  if (in->L == NULL) return -1;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&in->lock, &attr);
  pthread_mutexattr_destroy(&attr);
  return 0;
}


void novita_interpreter_close (struct novita_interpreter *in) {
  if (in->L == NULL) return;
  lua_close(in->L);
  in->L = NULL;
  pthread_mutex_destroy(&in->lock);
}


static int traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}


static int protected_call (lua_State *L, lua_CFunction f, void *arg) {
  int base = lua_gettop(L);
  lua_pushcfunction(L, traceback);
  lua_pushcfunction(L, f);
  lua_pushlightuserdata(L, arg);
  return lua_pcall(L, 1, 0, base + 1);
}


int novita_interpreter_call (struct novita_interpreter *in, lua_CFunction f,
                             void *arg, char *error, size_t size) {
  int base, status;
  pthread_mutex_lock(&in->lock);
  base = lua_gettop(in->L);
  status = protected_call(in->L, f, arg);
  if (status != LUA_OK) {
    const char *text = lua_tostring(in->L, -1);
    snprintf(error, size, "%s", text != NULL ? text : "unknown error");
  }
  lua_settop(in->L, base);
  pthread_mutex_unlock(&in->lock);
  return status == LUA_OK ? 0 : -1;
}


void novita_interpreter_unref (struct novita_interpreter *in, int ref) {
  pthread_mutex_lock(&in->lock);
  luaL_unref(in->L, LUA_REGISTRYINDEX, ref);
  pthread_mutex_unlock(&in->lock);
}
