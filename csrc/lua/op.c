/*
** op.c: see op.h
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../base/clock.h"
#include "op.h"
#include "loop_handle.h"

#define CONTINUATION 1
#define PARENT 2
#define SENT 3


double novita_lua_op_check_deadline (lua_State *L, int index) {
  double seconds;
  if (lua_isnoneornil(L, index)) return NOVITA_NEVER;
  seconds = luaL_checknumber(L, index);
  luaL_argcheck(L, seconds == seconds, index, "not a number of seconds");
  return seconds < NOVITA_NEVER ? novita_clock_now() + seconds : NOVITA_NEVER;
}


/* {====== kinds ====== */

static const struct novita_lua_op_type *kind_of (lua_State *L, int op) {
  const struct novita_lua_op_type *kind;
  luaL_getmetafield(L, op, "kind");
  kind = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return kind;
}


/* The upvalue is the kind. Only this function checks the type of an op. */
static struct novita_op *to_op (lua_State *L) {
  const struct novita_lua_op_type *kind =
    lua_touserdata(L, lua_upvalueindex(1));
  return luaL_checkudata(L, 1, kind->name);
}


static void drop_anchor (lua_State *L, struct novita_op *op, int live) {
  lua_pushnil(L);
  lua_rawsetp(L, live, op);
}


static void stop (const struct novita_lua_op_type *kind, struct novita_op *op) {
  if (op->class != NULL) novita_op_cancel(op);
  kind->release(op);
}


/* an op that runs in the parent process is left alone */
static int op_gc (lua_State *L) {
  struct novita_op *op = to_op(L);
  if (op->state == NOVITA_OP_IDLE || !novita_loop_inherited(op->loop))
    stop(lua_touserdata(L, lua_upvalueindex(1)), op);
  return 0;
}


/* op:cancel(loop): no event follows, and the continuation is dropped */
static int op_cancel (lua_State *L) {
  struct novita_op *op = to_op(L);
  if (op->state != NOVITA_OP_IDLE)
    novita_lua_loop_handle_check_pid(L, op->loop);
  stop(lua_touserdata(L, lua_upvalueindex(1)), op);
  lua_pushnil(L);
  lua_setiuservalue(L, 1, CONTINUATION);
  if (lua_isuserdata(L, 2) &&
      lua_getiuservalue(L, 2, 1) == LUA_TTABLE)
    drop_anchor(L, op, lua_gettop(L));
  return 0;
}


/* op:running(): false once it has finished or is canceled */
static int op_running (lua_State *L) {
  lua_pushboolean(L, to_op(L)->state == NOVITA_OP_RUNNING);
  return 1;
}


static const luaL_Reg common[] = {
  {"cancel", op_cancel}, {"running", op_running}, {NULL, NULL}
};


void novita_lua_op_kind (lua_State *L, const struct novita_lua_op_type *kind,
                         const luaL_Reg *methods) {
  void *p = (void *)(uintptr_t)kind;  /* never written through */
  luaL_newmetatable(L, kind->name);  /* new, or left by a failed open */
  lua_pushlightuserdata(L, p);
  lua_setfield(L, -2, "kind");
  lua_pushlightuserdata(L, p);
  lua_pushcclosure(L, op_gc, 1);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  lua_pushlightuserdata(L, p);
  luaL_setfuncs(L, common, 1);
  if (methods != NULL) luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}


void *novita_lua_op_new (lua_State *L, const struct novita_lua_op_type *kind,
                         size_t size) {
  void *op = lua_newuserdatauv(L, size, kind->sends ? SENT : PARENT);
  memset(op, 0, size);
  luaL_setmetatable(L, kind->name);
  return op;
}

/* }====== */


void novita_lua_op_anchor (lua_State *L, int op, int index) {
  op = lua_absindex(L, op);
  lua_pushvalue(L, index);
  lua_setiuservalue(L, op, SENT);
}


void novita_lua_op_hold (lua_State *L, int op, int loop, int continuation,
                         int parent) {
  op = lua_absindex(L, op);
  loop = lua_absindex(L, loop);
  lua_pushvalue(L, continuation);
  lua_setiuservalue(L, op, CONTINUATION);
  lua_pushvalue(L, parent);
  lua_setiuservalue(L, op, PARENT);
  lua_getiuservalue(L, loop, 1);
  lua_pushvalue(L, op);
  lua_rawsetp(L, -2, lua_touserdata(L, op));
  lua_pop(L, 1);
  lua_pushvalue(L, op);
}


void novita_lua_op_drop (lua_State *L, int op, int loop) {
  op = lua_absindex(L, op);
  lua_getiuservalue(L, loop, 1);
  drop_anchor(L, lua_touserdata(L, op), lua_gettop(L));
  lua_pop(L, 1);
}


/* The stack holds: loop, live table, op. */
static int push_end (lua_State *L, const struct novita_lua_op_type *kind,
                     struct novita_op *op) {
  int n;
  drop_anchor(L, op, 2);
  lua_getiuservalue(L, 3, CONTINUATION);
  lua_pushnil(L);
  lua_setiuservalue(L, 3, CONTINUATION);
  lua_pushboolean(L, 1);
  n = kind->results(L, op);
  if (!kind->keeps) kind->release(op);
  return n + 2;
}


static int push_events (lua_State *L, const struct novita_lua_op_type *kind,
                      struct novita_op *op) {
  lua_getiuservalue(L, 3, CONTINUATION);
  lua_pushboolean(L, 0);
  return kind->events(L, op) + 2;
}


int novita_lua_op_next (lua_State *L) {
  struct novita_loop *loop = lua_touserdata(L, 1);
  struct novita_op *op = novita_op_next(loop);
  const struct novita_lua_op_type *kind;
  if (op == NULL) return 0;
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, 1);
  lua_rawgetp(L, 2, op);
  kind = kind_of(L, 3);
  if (op->state == NOVITA_OP_RUNNING) return push_events(L, kind, op);
  return push_end(L, kind, op);
}


/* {====== all ops of a parent ====== */

static bool has_parent (lua_State *L, int op, int parent) {
  bool same;
  lua_getiuservalue(L, op, PARENT);
  same = lua_rawequal(L, -1, parent);
  lua_pop(L, 1);
  return same;
}


void novita_lua_op_list (lua_State *L, int loop, int parent) {
  int list, live;
  lua_Integer n = 0;
  lua_newtable(L);
  list = lua_gettop(L);
  lua_getiuservalue(L, loop, 1);
  live = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, live) != 0; lua_pop(L, 1)) {
    int op = lua_gettop(L);
    if (!has_parent(L, op, parent)) continue;
    lua_pushvalue(L, op);
    lua_rawseti(L, list, ++n);
  }
  lua_settop(L, list);
}


void novita_lua_op_cancel_list (lua_State *L, int loop) {
  int list = lua_gettop(L), live = list + 1, op = list + 2;
  lua_Integer i;
  lua_getiuservalue(L, loop, 1);
  for (i = 1; lua_rawgeti(L, list, i) == LUA_TUSERDATA; i++) {
    stop(kind_of(L, op), lua_touserdata(L, op));
    drop_anchor(L, lua_touserdata(L, op), live);
    lua_getiuservalue(L, op, CONTINUATION);
    lua_rawseti(L, list, i);
    lua_settop(L, live);
  }
  lua_settop(L, list);
}


void novita_lua_op_stop_all (lua_State *L, int loop) {
  int live;
  lua_getiuservalue(L, loop, 1);
  live = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, live) != 0; lua_pop(L, 1)) {
    stop(kind_of(L, live + 2), lua_touserdata(L, live + 2));
    /* lua_next allows to clear a field during the traversal */
    drop_anchor(L, lua_touserdata(L, live + 2), live);
  }
  lua_pop(L, 1);
}

/* }====== */
