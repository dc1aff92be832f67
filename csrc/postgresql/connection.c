/*
** connection.c: postgresql.connect(loop, continuation, options, seconds) -> op
** or nil, err: options are libpq's, by name. The result is a connection.
** connection:query(loop, continuation, sql, values, seconds) -> op | nil, err
**   values: a table with a field n. The result is a list of rows (values.h).
**   One statement at a time; an op that is canceled or too late closes the
**   connection: whether the server has run it is unknown.
** connection:is_open() -> boolean
** connection:in_transaction() -> boolean
** connection:option(name) -> text: how it is connected, without the password
** connection:version() -> such as 150018
** connection:process() -> the server process, as the other side has named it
** connection:is_encrypted() -> boolean
** connection:close()   at once; may be called twice
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <unistd.h>

#include "../lua/error.h"
#include "../lua/loop_handle.h"
#include "../lua/op.h"
#include "connection.h"
#include "values.h"
#include "wire.h"

#define CONNECTION "novita.postgresql.connection"
#define OPTIONS_MOST 40

/* how an op is on the stack while it starts */
enum { LOOP = 1, CONTINUATION = 2 };


static struct novita_wire *check (lua_State *L, int index) {
  return luaL_checkudata(L, index, CONNECTION);
}


static struct novita_wire *check_idle (lua_State *L) {
  struct novita_wire *wire = check(L, 1);
  if (wire->handle == NULL) luaL_argerror(L, 1, "the connection is closed");
  if (wire->pid != getpid())
    luaL_argerror(L, 1, "the connection belongs to the parent of this process");
  if (wire->busy) luaL_argerror(L, 1, "a statement is under way");
  return wire;
}


/* {====== ops ====== */

static int push_error (lua_State *L, const struct novita_wire_op *w) {
  int count = novita_lua_error_return(L, &w->error);
  if (w->state[0] != '\0') {
    lua_pushstring(L, w->state);
    lua_setfield(L, -2, "sqlstate");
  }
  return count;
}


static int connect_results (lua_State *L, void *op) {
  const struct novita_wire_op *w = op;
  if (w->error.kind != NOVITA_ERROR_NONE) return push_error(L, w);
  lua_getiuservalue(L, 3, 2);  /* the op is there; its parent */
  return 1;
}


static int query_results (lua_State *L, void *op) {
  const struct novita_wire_op *w = op;
  if (w->error.kind != NOVITA_ERROR_NONE) return push_error(L, w);
  novita_values_push(L, w->result);
  return 1;
}


static void release (void *op) {
  novita_wire_free(op);
}


static const struct novita_lua_op_type connect_kind = {
  "novita.postgresql.connect", connect_results, NULL, release, false, false
};

static const struct novita_lua_op_type query_kind = {
  "novita.postgresql.query", query_results, NULL, release, false, false
};

/* }====== */


/* {====== connect ====== */

static struct novita_wire *new_connection (lua_State *L) {
  struct novita_wire *wire = lua_newuserdatauv(L, sizeof *wire, 0);
  memset(wire, 0, sizeof *wire);
  luaL_setmetatable(L, CONNECTION);
  return wire;
}


/* The texts belong to the table at 'index'. */
static void read_options (lua_State *L, int index, const char **names,
                          const char **values) {
  int n = 0;
  luaL_checktype(L, index, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING &&
                     lua_type(L, -2) == LUA_TSTRING && n < OPTIONS_MOST,
                  index, "options must be strings by name");
    names[n] = lua_tostring(L, -2);
    values[n++] = lua_tostring(L, -1);
  }
  names[n] = values[n] = NULL;
}


int novita_connection_connect (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, LOOP);
  const char *names[OPTIONS_MOST + 1], *values[OPTIONS_MOST + 1];
  double deadline = novita_lua_op_check_deadline(L, 4);
  struct novita_wire *wire;
  struct novita_wire_op *w;
  struct novita_error e;
  lua_settop(L, 3);
  read_options(L, 3, names, values);
  wire = new_connection(L);
  w = novita_lua_op_new(L, &connect_kind, sizeof *w);
  w->wire = wire;
  novita_lua_op_hold(L, -1, LOOP, CONTINUATION, 4);
  if (novita_wire_connect(loop, w, names, values, deadline, &e) == 0) return 1;
  novita_lua_op_drop(L, -1, LOOP);
  return novita_lua_error_return(L, &e);
}

/* }====== */


static void push_options (lua_State *L, PQconninfoOption *options) {
  PQconninfoOption *o;
  lua_newtable(L);
  for (o = options; o != NULL && o->keyword != NULL; o++) {
    if (o->val == NULL || o->dispchar[0] == '*') continue;
    lua_pushstring(L, o->val);
    lua_setfield(L, -2, o->keyword);
  }
}


/* libpq reads the environment and the service file when a connection begins;
** nothing is sent to the server before the first PQconnectPoll. */
int novita_connection_resolve (lua_State *L) {
  const char *names[OPTIONS_MOST + 1], *values[OPTIONS_MOST + 1];
  PQconninfoOption *options;
  PGconn *handle;
  read_options(L, 1, names, values);
  handle = PQconnectStartParams(names, values, 0);
  options = handle == NULL ? NULL : PQconninfo(handle);
  PQfinish(handle);
  push_options(L, options);
  PQconninfoFree(options);
  return 1;
}


/* {====== methods ====== */

static int connection_query (lua_State *L) {
  struct novita_wire *wire = check_idle(L);
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 2);
  const char *sql = luaL_checkstring(L, 4), *values[NOVITA_VALUES_MOST];
  double deadline = novita_lua_op_check_deadline(L, 6);
  struct novita_wire_op *w;
  struct novita_error e;
  int count;
  lua_settop(L, 5);
  count = novita_values_read(L, 5, values);
  w = novita_lua_op_new(L, &query_kind, sizeof *w);
  w->wire = wire;
  novita_lua_op_hold(L, -1, 2, 3, 1);
  if (novita_wire_query(loop, w, sql, count, values, deadline, &e) == 0)
    return 1;
  novita_lua_op_drop(L, -1, 2);
  return novita_lua_error_return(L, &e);
}


static int connection_is_open (lua_State *L) {
  lua_pushboolean(L, check(L, 1)->handle != NULL);
  return 1;
}


static int connection_in_transaction (lua_State *L) {
  PGTransactionStatusType status =
    PQtransactionStatus(check_idle(L)->handle);
  lua_pushboolean(L, status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
  return 1;
}


static int connection_version (lua_State *L) {
  lua_pushinteger(L, PQserverVersion(check_idle(L)->handle));
  return 1;
}


static int connection_process (lua_State *L) {
  lua_pushinteger(L, PQbackendPID(check_idle(L)->handle));
  return 1;
}


static int connection_is_encrypted (lua_State *L) {
  lua_pushboolean(L, PQsslInUse(check_idle(L)->handle));
  return 1;
}


static int connection_option (lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  PQconninfoOption *options = PQconninfo(check_idle(L)->handle), *o;
  lua_pushnil(L);
  for (o = options; o != NULL && o->keyword != NULL; o++)
    if (strcmp(o->keyword, name) == 0 && o->dispchar[0] != '*' &&
        o->val != NULL)
      lua_pushstring(L, o->val);
  PQconninfoFree(options);
  return 1;
}


/* not if a statement of an op is under way: that op is canceled first */
static int connection_close (lua_State *L) {
  struct novita_wire *wire = check(L, 1);
  if (!wire->busy) novita_wire_close(wire);
  return 0;
}


static const luaL_Reg methods[] = {
  {"query", connection_query}, {"is_open", connection_is_open},
  {"in_transaction", connection_in_transaction},
  {"version", connection_version}, {"option", connection_option},
  {"process", connection_process}, {"is_encrypted", connection_is_encrypted},
  {"close", connection_close}, {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", connection_close}, {"__close", connection_close}, {NULL, NULL}
};

/* }====== */


void novita_connection_kind (lua_State *L) {
  novita_lua_op_kind(L, &connect_kind, NULL);
  novita_lua_op_kind(L, &query_kind, NULL);
  luaL_newmetatable(L, CONNECTION);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
