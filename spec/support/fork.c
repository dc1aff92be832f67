/*
** fork.c: a Lua module for specs: children that share everything with their
** parent, as a host that forks has them.
**   fork.fork() -> process id, 0 in the child
**   fork.wait(pid) -> exit status, or 128 + signal
**   fork.default_sigpipe(): as in a program that does nothing about it
*/
#define _GNU_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>


static int fork_fork (lua_State *L) {
  lua_pushinteger(L, fork());
  return 1;
}


static int fork_wait (lua_State *L) {
  int status = 0;
  if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0)
    return luaL_error(L, "no such child");
  lua_pushinteger(L, WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                         : WEXITSTATUS(status));
  return 1;
}


static int fork_default_sigpipe (lua_State *L) {
  (void)L;
  signal(SIGPIPE, SIG_DFL);
  return 0;
}


static const luaL_Reg functions[] = {
  {"fork", fork_fork}, {"wait", fork_wait},
  {"default_sigpipe", fork_default_sigpipe}, {NULL, NULL}
};


int luaopen_fork (lua_State *L);

int luaopen_fork (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
