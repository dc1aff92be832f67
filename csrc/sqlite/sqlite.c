/*
** sqlite.c: the C module 'novita.sqlite', SQLite without a layer in between:
** integers have 64 bits, text may contain a NUL. A refusal of SQLite is nil and
** an error of kind "file"; its code is "busy", "full", "corrupt", "read_only",
** "constraint", "open" or "sqlite".
**   sqlite.open(path, options) -> database        see database.c
**   sqlite.blob(bytes) -> a value for statement:bind
**   sqlite.version
*/
#include <lauxlib.h>
#include <lua.h>
#include <sqlite3.h>

#include "database.h"
#include "statement.h"

LUAMOD_API int luaopen_novita_sqlite (lua_State *L);


/* databases make statements, but do not know them */
static void add_prepare (lua_State *L) {
  luaL_getmetatable(L, NOVITA_DATABASE);
  lua_getfield(L, -1, "__index");
  lua_pushcfunction(L, novita_statement_prepare);
  lua_setfield(L, -2, "prepare");
  lua_pop(L, 2);
}


LUAMOD_API int luaopen_novita_sqlite (lua_State *L) {
  luaL_checkversion(L);
  novita_statement_kind(L);
  lua_newtable(L);
  novita_database_open(L);
  lua_setfield(L, -2, "open");
  add_prepare(L);
  lua_pushcfunction(L, novita_statement_blob);
  lua_setfield(L, -2, "blob");
  lua_pushstring(L, sqlite3_libversion());
  lua_setfield(L, -2, "version");
  return 1;
}
