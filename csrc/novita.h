/*
** novita.h: the public header for C programs that have novita compiled in.
**
** Build such a program from the sources; nothing is generated or configured:
**   cc -Icsrc host.c $(find csrc -name '*.c' ! -path '*emulator*') \
**     $(pkg-config --cflags --libs lua5.4) \
**     -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm
** The emulator is in csrc/emulator: to include it, compile all of csrc and add
** -lmicrohttpd -lnettle. The Lua part is the folder lua/, on package.path.
**
** In every lua_State that uses it:
**   luaL_openlibs(L);
**   luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
**   lua_pushcfunction(L, luaopen_novita_core);
**   lua_setfield(L, -2, "novita.core");
**
** Use each state from one thread at a time. States share nothing: there is no
** init, no cleanup and no signal handler, and no global state except what
** libcurl sets up once per process (thread-safely, with the first client). The
** worker threads that a state may start never touch a lua_State, and they block
** all signals.
**
** A program with its own event loop waits for one descriptor per state. In Lua
** it is 'novita.loop':
**   :pollfd()   readable when 'step' has work to do (nil if there is no epoll)
**   :timeout()  seconds until 'step' must be called in any case, or nil
**   :step(0)    does the work, and never waits
** See examples/host_poll.c and examples/host_threads.c, and the manual,
** docs/embedding.md.
*/
#ifndef novita_h
#define novita_h

#include <lua.h>

/* require "novita.core" */
LUAMOD_API int luaopen_novita_core (lua_State *L);
/* require "novita.emulator.server": the emulator, for tests */
LUAMOD_API int luaopen_novita_emulator_server (lua_State *L);

#endif
