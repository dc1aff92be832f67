/*
** statement.c: database:prepare(sql) -> statement | nil, err
** statement:bind(...) -> itself | nil, err   one value for each parameter: nil,
**                        an integer, a float, a string (TEXT) or a blob
** statement:step() -> a row, a table by column without the NULLs; false after
**                     the last one; nil, err
** statement:reset()   ends a query before its last row
** statement:close()   may be called twice
** A statement anchors its database, which may be closed before it.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "database.h"
#include "statement.h"

#define STATEMENT "novita.sqlite.statement"
#define BLOB "novita.sqlite.blob"

struct statement {
  struct novita_database *database;  /* anchored by the user value */
  sqlite3_stmt *handle;              /* NULL: closed */
};


static struct statement *check (lua_State *L) {
  struct statement *s = luaL_checkudata(L, 1, STATEMENT);
  if (s->database == NULL || s->database->handle == NULL || s->handle == NULL)
    luaL_argerror(L, 1, "the statement is closed");
  return s;
}


int novita_statement_blob (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_newuserdatauv(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, BLOB);
  return 1;
}


/* {====== bind ====== */

static int bind_blob (lua_State *L, sqlite3_stmt *s, int parameter,
                      int index) {
  const char *bytes;
  size_t len;
  int r;
  luaL_checkudata(L, index, BLOB);
  lua_getiuservalue(L, index, 1);
  bytes = lua_tolstring(L, -1, &len);
  r = sqlite3_bind_blob64(s, parameter, bytes, len, SQLITE_TRANSIENT);
  lua_pop(L, 1);
  return r;
}


static int bind_value (lua_State *L, sqlite3_stmt *s, int parameter,
                       int index) {
  const char *text;
  size_t len;
  switch (lua_type(L, index)) {
    case LUA_TNIL: return sqlite3_bind_null(s, parameter);
    case LUA_TNUMBER:
      if (lua_isinteger(L, index))
        return sqlite3_bind_int64(s, parameter, lua_tointeger(L, index));
      return sqlite3_bind_double(s, parameter, lua_tonumber(L, index));
    case LUA_TSTRING:
      text = lua_tolstring(L, index, &len);
      return sqlite3_bind_text64(s, parameter, text, len, SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
    default: return bind_blob(L, s, parameter, index);
  }
}


static int statement_bind (lua_State *L) {
  struct statement *s = check(L);
  int i, count = sqlite3_bind_parameter_count(s->handle);
  if (lua_gettop(L) - 1 != count)
    return luaL_error(L, "the statement has %d parameters, got %d", count,
                      lua_gettop(L) - 1);
  sqlite3_reset(s->handle);
  for (i = 1; i <= count; i++)
    if (bind_value(L, s->handle, i, i + 1) != SQLITE_OK)
      return novita_database_fail(L, s->database->handle);
  lua_settop(L, 1);
  return 1;
}

/* }====== */


/* {====== step ====== */

static void push_column (lua_State *L, sqlite3_stmt *s, int i) {
  const void *bytes;
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL: lua_pushnil(L); break;
    case SQLITE_INTEGER: lua_pushinteger(L, sqlite3_column_int64(s, i)); break;
    case SQLITE_FLOAT: lua_pushnumber(L, sqlite3_column_double(s, i)); break;
    default:
      bytes = sqlite3_column_blob(s, i);
      lua_pushlstring(L, bytes == NULL ? "" : bytes,
                      (size_t)sqlite3_column_bytes(s, i));
  }
}


static int push_row (lua_State *L, sqlite3_stmt *s) {
  int i, count = sqlite3_column_count(s);
  lua_createtable(L, 0, count);
  for (i = 0; i < count; i++) {
    push_column(L, s, i);
    lua_setfield(L, -2, sqlite3_column_name(s, i));
  }
  return 1;
}


/* After the last row, and after a failure, the statement holds no lock. */
static int statement_step (lua_State *L) {
  struct statement *s = check(L);
  int n, r = sqlite3_step(s->handle);
  if (r == SQLITE_ROW) return push_row(L, s->handle);
  if (r == SQLITE_DONE) {
    sqlite3_reset(s->handle);
    lua_pushboolean(L, 0);
    return 1;
  }
  n = novita_database_fail(L, s->database->handle);
  sqlite3_reset(s->handle);
  return n;
}

/* }====== */


static int statement_reset (lua_State *L) {
  sqlite3_reset(check(L)->handle);
  return 0;
}


/* A closed database has finalized its statements. */
static int statement_close (lua_State *L) {
  struct statement *s = luaL_checkudata(L, 1, STATEMENT);
  sqlite3_stmt *handle = s->handle;
  s->handle = NULL;
  if (handle != NULL && s->database->handle != NULL) sqlite3_finalize(handle);
  return 0;
}


static const luaL_Reg methods[] = {
  {"bind", statement_bind}, {"step", statement_step},
  {"reset", statement_reset}, {"close", statement_close}, {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", statement_close}, {"__close", statement_close}, {NULL, NULL}
};


static const char *skip_space (const char *text) {
  return text + strspn(text, " \t\r\n;");
}


int novita_statement_prepare (lua_State *L) {
  struct novita_database *d = novita_database_check(L, 1);
  size_t len;
  const char *rest, *sql = luaL_checklstring(L, 2, &len);
  struct statement *s = lua_newuserdatauv(L, sizeof *s, 1);
  s->database = d;
  s->handle = NULL;
  luaL_setmetatable(L, STATEMENT);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  luaL_argcheck(L, len < (1 << 20), 2, "the statement is too long");
  if (sqlite3_prepare_v3(d->handle, sql, (int)len + 1,
                         SQLITE_PREPARE_PERSISTENT, &s->handle, &rest) !=
      SQLITE_OK)
    return novita_database_fail(L, d->handle);
  luaL_argcheck(L, s->handle != NULL && *skip_space(rest) == '\0', 2,
                "must be one statement");
  return 1;
}


void novita_statement_kind (lua_State *L) {
  luaL_newmetatable(L, BLOB);
  lua_pop(L, 1);
  luaL_newmetatable(L, STATEMENT);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
