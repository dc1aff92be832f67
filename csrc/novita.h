/*
** novita.h: all that a C program needs that has novita compiled in.
**
** Build it with the sources as they are; nothing is generated or configured:
**   cc -Icsrc host.c $(find csrc -name '*.c' ! -path '*emulator*') \
**     $(pkg-config --cflags --libs lua5.4) \
**     -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm
** The emulator is the room csrc/emulator: with it take all of csrc, and
** -lmicrohttpd -lnettle. The Lua half is the folder lua/, on package.path.
**
** Every lua_State that is to have it:
**   luaL_openlibs(L);
**   luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
**   lua_pushcfunction(L, luaopen_novita_core);
**   lua_setfield(L, -2, "novita.core");
**
** A state is used by one thread at a time, and nothing is shared between two
** of them: there is no init and no cleanup, no state of our own beside what
** libcurl sets up once a process (thread safely, with the first client), no
** signal handler. Worker threads, of which a state may start some, never touch
** a lua_State and block all signals.
**
** A program with a loop of its own waits for one descriptor a state; in Lua
** it is 'novita.loop.own':
**   :pollfd()   readable when there is something to do (nil: no epoll here)
**   :timeout()  seconds after which 'step' is due anyway, or nil
**   :step(0)    does it, and never waits
** examples/host_poll.c and examples/host_threads.c are such programs;
** docs/embedding.md is the manual.
*/
#ifndef novita_h
#define novita_h

#include <lua.h>

/* require "novita.core" */
LUAMOD_API int luaopen_novita_core (lua_State *L);
/* require "novita.emulator.server": the emulator, for tests */
LUAMOD_API int luaopen_novita_emulator_server (lua_State *L);

#endif
