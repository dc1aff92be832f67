/*
** database.c: sqlite.open(path, options) -> database | nil, err
**   options.read_only  the file must exist
**   options.timeout    seconds to wait for another connection; default 5
** database:exec(sql) -> true | nil, err       any number of statements
** database:prepare(sql) -> statement | nil, err    see statement.c
** database:changes() -> rows that the last statement has changed
** database:last_id() -> the rowid of the last INSERT
** database:in_transaction() -> boolean
** database:backup(path) -> true | nil, err   all of it, as it is at one moment
** database:close() also closes its statements; may be called twice
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

#include "../lua/error.h"
#include "database.h"

#define TIMEOUT 5


struct novita_database *novita_database_check (lua_State *L, int index) {
  struct novita_database *d = luaL_checkudata(L, index, NOVITA_DATABASE);
  if (d->handle == NULL) luaL_argerror(L, index, "the database is closed");
  return d;
}


static const char *code_of (int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY: case SQLITE_LOCKED: return "busy";
    case SQLITE_FULL: return "full";
    case SQLITE_CORRUPT: return "corrupt";
    case SQLITE_NOTADB: return "not_database";
    case SQLITE_READONLY: return "read_only";
    case SQLITE_CONSTRAINT: return "constraint";
    case SQLITE_CANTOPEN: return "open";
    default: return "sqlite";
  }
}


int novita_database_fail (lua_State *L, sqlite3 *handle) {
  struct novita_error e;
  int result = handle == NULL ? SQLITE_NOMEM : sqlite3_errcode(handle);
  if ((result & 0xff) == SQLITE_NOMEM) novita_error_set_memory(&e);
  else novita_error_set(&e, NOVITA_ERROR_FILE, code_of(result), "%s",
                        sqlite3_errmsg(handle));
  return novita_lua_error_return(L, &e);
}


/* {====== methods ====== */

static int database_exec (lua_State *L) {
  struct novita_database *d = novita_database_check(L, 1);
  if (sqlite3_exec(d->handle, luaL_checkstring(L, 2), NULL, NULL, NULL) !=
      SQLITE_OK)
    return novita_database_fail(L, d->handle);
  lua_pushboolean(L, 1);
  return 1;
}


static int database_changes (lua_State *L) {
  lua_pushinteger(L, sqlite3_changes(novita_database_check(L, 1)->handle));
  return 1;
}


static int database_last_id (lua_State *L) {
  lua_pushinteger(
    L, sqlite3_last_insert_rowid(novita_database_check(L, 1)->handle));
  return 1;
}


static int database_in_transaction (lua_State *L) {
  lua_pushboolean(
    L, !sqlite3_get_autocommit(novita_database_check(L, 1)->handle));
  return 1;
}


/* Copies everything; a connection that writes meanwhile begins it anew. */
static int copy_all (sqlite3 *to, sqlite3 *from) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == NULL) return sqlite3_errcode(to);
  sqlite3_backup_step(backup, -1);
  return sqlite3_backup_finish(backup);
}


static int database_backup (lua_State *L) {
  struct novita_database *d = novita_database_check(L, 1);
  sqlite3 *to = NULL;
  int count = 1;
  if (sqlite3_open_v2(luaL_checkstring(L, 2), &to,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                      NULL) != SQLITE_OK ||
      copy_all(to, d->handle) != SQLITE_OK)
    count = novita_database_fail(L, to);
  else lua_pushboolean(L, 1);
  sqlite3_close(to);
  return count;
}


/* Statements see that the handle is gone, and leave theirs alone. */
static int database_close (lua_State *L) {
  struct novita_database *d = luaL_checkudata(L, 1, NOVITA_DATABASE);
  sqlite3 *handle = d->handle;
  sqlite3_stmt *s;
  d->handle = NULL;
  if (handle == NULL) return 0;
  while ((s = sqlite3_next_stmt(handle, NULL)) != NULL) sqlite3_finalize(s);
  sqlite3_close(handle);
  return 0;
}


static const luaL_Reg methods[] = {
  {"exec", database_exec},
  {"changes", database_changes}, {"last_id", database_last_id},
  {"in_transaction", database_in_transaction},
  {"backup", database_backup}, {"close", database_close},
  {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", database_close}, {"__close", database_close}, {NULL, NULL}
};

/* }====== */


/* {====== open ====== */

static bool get_boolean (lua_State *L, const char *name) {
  bool value = false;
  if (lua_istable(L, 2)) {
    lua_getfield(L, 2, name);
    value = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return value;
}


static int get_milliseconds (lua_State *L) {
  lua_Number seconds = TIMEOUT;
  if (lua_istable(L, 2)) {
    lua_getfield(L, 2, "timeout");
    seconds = luaL_optnumber(L, -1, TIMEOUT);
    lua_pop(L, 1);
  }
  luaL_argcheck(L, seconds >= 0 && seconds <= 86400, 2,
                "timeout must be a number from 0 to 86400");
  return (int)(seconds * 1000);
}


static int open_database (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int flags = get_boolean(L, "read_only")
                ? SQLITE_OPEN_READONLY
                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int milliseconds = get_milliseconds(L), count;
  struct novita_database *d = lua_newuserdatauv(L, sizeof *d, 0);
  d->handle = NULL;
  luaL_setmetatable(L, NOVITA_DATABASE);
  if (sqlite3_open_v2(path, &d->handle, flags, NULL) != SQLITE_OK) {
    count = novita_database_fail(L, d->handle);
    sqlite3_close(d->handle);  /* SQLite gives one all the same */
    d->handle = NULL;
    return count;
  }
  sqlite3_busy_timeout(d->handle, milliseconds);
  return 1;
}


void novita_database_open (lua_State *L) {
  luaL_newmetatable(L, NOVITA_DATABASE);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, open_database);
}

/* }====== */
