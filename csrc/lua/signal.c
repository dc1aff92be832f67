/*
** signal.c: core.signals() -> signals, for programs; the library never calls
** it. While the object is open, the signals that end or stop a program are
** blocked and stay pending until 'take' is called. So no handler runs, nothing
** is kept in statics, and Lua handles a signal when it is ready. Open it before
** threads are started: they inherit the mask.
**   signals:take()  -> "INT", "TERM", "HUP", "QUIT" or "TSTP"; nil if none is
**                   pending
**   signals:stop()  stops the process, like Ctrl-Z, until it is continued
**   signals:close() unblocks the signals, with the system's default actions:
**                   lua.c's handler for SIGINT, which raises an error at any
**                   point, is not restored. May be called twice
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdbool.h>

#include "core.h"

#define SIGNALS "novita.core.signals"

struct signals {
  bool open;
  sigset_t held;    /* the signals that we block */
  sigset_t before;  /* the thread's mask before that */
};

static const struct { int number; const char *name; } known[] = {
  {SIGINT, "INT"}, {SIGTERM, "TERM"}, {SIGHUP, "HUP"},
  {SIGQUIT, "QUIT"}, {SIGTSTP, "TSTP"}
};

#define KNOWN (sizeof known / sizeof known[0])


/* a signal that is ignored at the start, as by nohup, stays ignored */
static bool is_ignored (int number) {
  struct sigaction now;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}


static struct signals *check_signals (lua_State *L) {
  struct signals *s = luaL_checkudata(L, 1, SIGNALS);
  luaL_argcheck(L, s->open, 1, "the signals are closed");
  return s;
}


static int signals_take (lua_State *L) {
  const struct signals *s = check_signals(L);
  sigset_t pending, one;
  size_t i;
  int number;
  sigpending(&pending);
  for (i = 0; i < KNOWN; i++) {
    if (!sigismember(&s->held, known[i].number) ||
        !sigismember(&pending, known[i].number))
      continue;
    sigemptyset(&one);
    sigaddset(&one, known[i].number);
    sigwait(&one, &number);
    lua_pushstring(L, known[i].name);
    return 1;
  }
  return 0;
}


static int signals_stop (lua_State *L) {
  check_signals(L);
  raise(SIGSTOP);
  return 0;
}


static int signals_close (lua_State *L) {
  struct signals *s = luaL_checkudata(L, 1, SIGNALS);
  if (s->open) {
    s->open = false;
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
  }
  return 0;
}


static const luaL_Reg methods[] = {
  {"take", signals_take}, {"stop", signals_stop}, {"close", signals_close},
  {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", signals_close}, {"__close", signals_close}, {NULL, NULL}
};


static void hold (struct signals *s, int number) {
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigemptyset(&usual.sa_mask);
  sigaddset(&s->held, number);
  sigaction(number, &usual, NULL);
}


static int signals_new (lua_State *L) {
  struct signals *s = lua_newuserdatauv(L, sizeof *s, 0);
  size_t i;
  s->open = false;
  luaL_setmetatable(L, SIGNALS);
  sigemptyset(&s->held);
  for (i = 0; i < KNOWN; i++) {
    if (!is_ignored(known[i].number))
      hold(s, known[i].number);
  }
  pthread_sigmask(SIG_BLOCK, &s->held, &s->before);
  s->open = true;
  return 1;
}


int novita_lua_signal (lua_State *L) {
  luaL_newmetatable(L, SIGNALS);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, signals_new);
  return 1;
}
