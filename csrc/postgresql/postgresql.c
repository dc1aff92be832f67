/*
** postgresql.c: the C module 'novita.postgresql', libpq without a layer in
** between: integers have 64 bits, nothing waits. It works on loops of the
** module 'novita.core', whose structs it shares: both must be of one version. A
** failure is nil and an error: kind "network" with the code "connect" or
** "lost", kind "timeout", or kind "api" with the code "refused", if the server
** has refused a statement; then its field 'sqlstate' says why.
**   postgresql.parse(uri) -> options | nil       a table by name, as in the URI
**   postgresql.resolve(options) -> options       as a connection has them
**   postgresql.connect(loop, continuation, options, seconds)  see connection.c
**   postgresql.version    of libpq, such as 150018
*/
#include <lauxlib.h>
#include <libpq-fe.h>
#include <lua.h>
#include <string.h>

#include "../novita.h"
#include "connection.h"

LUAMOD_API int luaopen_novita_postgresql (lua_State *L);


/* The words of libpq would repeat parts of the URI, which may be a password. */
static int parse (lua_State *L) {
  const char *uri = luaL_checkstring(L, 1);
  char *why = NULL;
  PQconninfoOption *options = PQconninfoParse(uri, &why), *o;
  PQfreemem(why);
  if (options == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_newtable(L);
  for (o = options; o->keyword != NULL; o++) {
    if (o->val == NULL) continue;
    lua_pushstring(L, o->val);
    lua_setfield(L, -2, o->keyword);
  }
  PQconninfoFree(options);
  return 1;
}


/* The loop's struct is that of the module 'novita.core'. */
static void check_version (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "novita.core");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "version");
  if (strcmp(luaL_optstring(L, -1, ""), NOVITA_VERSION) != 0)
    luaL_error(L, "novita-postgresql %s needs the same version of novita, "
               "not %s", NOVITA_VERSION,
               luaL_optstring(L, -1, "an unknown one"));
  lua_pop(L, 2);
}


LUAMOD_API int luaopen_novita_postgresql (lua_State *L) {
  luaL_checkversion(L);
  check_version(L);
  novita_connection_kind(L);
  lua_newtable(L);
  lua_pushcfunction(L, parse);
  lua_setfield(L, -2, "parse");
  lua_pushcfunction(L, novita_connection_resolve);
  lua_setfield(L, -2, "resolve");
  lua_pushcfunction(L, novita_connection_connect);
  lua_setfield(L, -2, "connect");
  lua_pushinteger(L, PQlibVersion());
  lua_setfield(L, -2, "version");
  return 1;
}
