/*
** database.h: an open SQLite file as a Lua userdata, for its statements.
*/
#ifndef novita_sqlite_database_h
#define novita_sqlite_database_h

#include <lua.h>
#include <sqlite3.h>

#include "../base/func.h"

#define NOVITA_DATABASE "novita.sqlite.database"  /* its metatable */

struct novita_database {
  sqlite3 *handle;   /* NULL: closed, and so are its statements */
};

/* the open database at 'index'; raises otherwise */
NOVITA_FUNC struct novita_database *novita_database_check (lua_State *L,
                                                           int index);

/* nil and an error object for what SQLite has reported last */
NOVITA_FUNC int novita_database_fail (lua_State *L, sqlite3 *handle);

/* pushes the function open(path, options), and registers the metatable */
NOVITA_FUNC void novita_database_open (lua_State *L);

#endif
