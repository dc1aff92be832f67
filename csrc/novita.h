/*
** novita.h: the public header for C and C++ programs that have novita compiled
** in.
**
** Build such a program from the sources; nothing is generated or configured:
**   cc -Icsrc host.c $(find csrc/novita.c csrc/base csrc/event csrc/http \
**     csrc/image csrc/lua csrc/safetensors csrc/watch -name '*.c') \
**     $(pkg-config --cflags --libs lua5.4) \
**     -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm
** The emulator is the rest of csrc: to include it, compile all of csrc and add
** -lmicrohttpd -lnettle. The Lua part is the folder lua/, on package.path.
**
** Call luaL_openlibs and novita_preload in every lua_State that uses novita;
** scripts then require "novita". Everything else is done in Lua: from C, a
** program only drives novita's own loop.
**
**   while (running) {
**     struct pollfd p = {novita_pollfd(L), POLLIN, 0};
**     double seconds = novita_timeout(L);
**     poll(&p, 1, seconds < 0 ? -1 : (int)(seconds * 1000) + 1);
**     if (novita_step(L, 0) != LUA_OK) ...
**   }
**
** The four novita_... functions raise no error and leave the stack as it was,
** except for the error object of novita_step. They need five free slots of the
** stack. Before a script has required novita there is no work: no
** descriptor, no timeout, and a step returns at once.
**
** Use each state from one thread at a time. States share nothing: there is no
** init, no cleanup and no signal handler, and no global state except what
** libcurl sets up once per process (thread-safely, with the first client). The
** worker threads that a state may start never touch a lua_State, and they block
** all signals.
**
** See examples/host_poll.c and examples/host_threads.c, and the manual,
** docs/embedding.md.
*/
#ifndef novita_h
#define novita_h

#ifdef __cplusplus
extern "C" {
#endif

#include <lua.h>

#define NOVITA_VERSION "0.2.0"  /* novita._VERSION */

/* Makes require "novita.core" find the C part. On out-of-memory it does
** nothing, and 'require' raises. */
LUA_API void novita_preload (lua_State *L);

/* The descriptor that is readable when novita_step has work to do. It does not
** change between the first require "novita" and lua_close. -1: novita was not
** required yet, or the system has no such descriptor (no epoll); then use the
** timeout alone. */
LUA_API int novita_pollfd (lua_State *L);

/* Seconds after which novita_step must be called even if the descriptor is not
** readable; negative: no need. Ask again before each wait. */
LUA_API double novita_timeout (lua_State *L);

/* Waits for events for at most 'seconds' (0: does not wait; negative: until
** there is one), then resumes the coroutines that they concern. Returns what
** lua_pcall returns: LUA_OK, or another status, with the error object on the
** stack. An error in a script's coroutine is an error of its group, not of the
** step. */
LUA_API int novita_step (lua_State *L, double seconds);

/* require "novita.core" */
LUAMOD_API int luaopen_novita_core (lua_State *L);
/* The C parts of the emulator, for tests: to include it, put these three into
** the table LUA_PRELOAD_TABLE of the registry, as examples/host_poll.c does. */
LUAMOD_API int luaopen_novita_httpd (lua_State *L);
LUAMOD_API int luaopen_novita_service_core (lua_State *L);
LUAMOD_API int luaopen_novita_emulator_sockets (lua_State *L);
/* The face detector, included in the same way: novita.faces.core */
LUAMOD_API int luaopen_novita_faces_core (lua_State *L);
/* The journal's SQLite, in the same way: novita.sqlite; needs libsqlite3 */
LUAMOD_API int luaopen_novita_sqlite (lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
