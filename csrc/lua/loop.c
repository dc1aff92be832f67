/*
** loop.c: core.loop(options) -> loop
**   options.poll     use the poll(2) backend
**   options.workers  threads that prepare photos; default: one per core
**   options.memory   bytes that these photos may need together; default: 1 GiB
** A loop has no parent object; clients keep it alive.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../base/clock.h"
#include "../event/timer.h"
#include "../event/worker.h"
#include "error.h"
#include "op.h"
#include "loop_handle.h"
#include "core.h"

/* {====== timers, the simplest op ====== */

struct alarm {
  struct novita_op op;   /* first member */
  struct novita_timer timer;
};


static void alarm_fire (struct novita_timer *timer) {
  struct alarm *a = NOVITA_CONTAINER_OF(timer, struct alarm, timer);
  novita_timer_release(a->op.loop);
  novita_op_finish(&a->op);
}


static void alarm_cancel (struct novita_op *op) {
  novita_timer_stop(op->loop, &((struct alarm *)op)->timer);
  novita_timer_release(op->loop);
}


static int alarm_results (lua_State *L, void *op) {
  (void)op;
  lua_pushboolean(L, 1);
  return 1;
}


static void alarm_release (void *op) {
  (void)op;
}


static const struct novita_op_class alarm_class = {"timer", alarm_cancel};

static const struct novita_lua_op_type alarm_kind = {
  "novita.core.timer", alarm_results, NULL, alarm_release, false, false
};


/* loop:timer(continuation, seconds) -> op */
static int loop_timer (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  double at = novita_lua_op_check_deadline(L, 3);
  struct alarm *a = novita_lua_op_new(L, &alarm_kind, sizeof *a);
  a->timer.fire = alarm_fire;
  novita_lua_op_hold(L, -1, 1, 2, 1);
  if (novita_timer_reserve(loop) != 0) {
    novita_lua_op_drop(L, -1, 1);
    return novita_lua_error_raise_memory(L);
  }
  novita_op_begin(&a->op, &alarm_class, loop);
  novita_timer_start(loop, &a->timer, at);
  return 1;
}

/* }====== */


/* loop:step(seconds): nil = wait until an event arrives */
static int loop_step (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  double seconds = luaL_optnumber(L, 2, NOVITA_NEVER);
  luaL_argcheck(L, seconds == seconds, 2, "not a number of seconds");
  novita_loop_step(loop, seconds);
  return 0;
}


/* loop:next() -> continuation, ended, ... | nothing */
static int loop_next (lua_State *L) {
  novita_lua_loop_handle_get(L, 1);  /* 'step' has checked the process */
  return novita_lua_op_next(L);
}


/* loop:pollfd() -> descriptor, or nil where the backend has none */
static int loop_pollfd (lua_State *L) {
  int fd = novita_loop_fd(novita_lua_loop_handle_check(L, 1));
  if (fd < 0) return 0;
  lua_pushinteger(L, fd);
  return 1;
}


/* loop:timeout() -> seconds until the next step is due, or nil */
static int loop_timeout (lua_State *L) {
  double left = novita_loop_timeout(novita_lua_loop_handle_get(L, 1));
  if (left >= NOVITA_NEVER) return 0;
  lua_pushnumber(L, left);
  return 1;
}


/* loop:backend() -> "epoll" | "poll" */
static int loop_backend (lua_State *L) {
  lua_pushstring(L, novita_lua_loop_handle_get(L, 1)->poller->ops->name);
  return 1;
}


/* loop:busy() -> whether an op is running, so that an event will follow */
static int loop_busy (lua_State *L) {
  lua_pushboolean(L, novita_lua_loop_handle_get(L, 1)->live > 0);
  return 1;
}


/* loop:memory() -> bytes that photos on workers have reserved, the most so far
*/
static int loop_memory (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  uint64_t held = 0, most = 0;
  if (loop->workers != NULL)
    novita_worker_pool_memory(loop->workers, &held, &most);
  lua_pushinteger(L, (lua_Integer)held);
  lua_pushinteger(L, (lua_Integer)most);
  return 2;
}


/* loop:inherited() -> whether it belongs to the parent process */
static int loop_inherited (lua_State *L) {
  lua_pushboolean(L, novita_loop_inherited(novita_lua_loop_handle_get(L, 1)));
  return 1;
}


/* loop:wake(): make the descriptor readable, so that an event loop that waits
** for it calls step */
static int loop_wake (lua_State *L) {
  novita_loop_kick(novita_lua_loop_handle_check(L, 1));
  return 0;
}


static void shut (lua_State *L, struct novita_loop *loop) {
  lua_settop(L, 1);
  novita_lua_op_stop_all(L, 1);
  novita_loop_close(loop);
}


/* loop:close(): cancels all running ops, without events */
static int loop_close (lua_State *L) {
  struct novita_loop *loop = luaL_checkudata(L, 1, NOVITA_LUA_LOOP);
  if (loop->poller == NULL) return 0;
  novita_lua_loop_handle_check_pid(L, loop);
  if (loop->users > 0)
    return luaL_error(L, "the loop has %d open clients: close them first",
                      loop->users);
  shut(L, loop);
  return 0;
}


/* Clients reference their loop, so the last client was collected earlier or is
** collected in the same cycle. A client is newer than its loop, so it is
** finalized first. */
static int loop_gc (lua_State *L) {
  struct novita_loop *loop = luaL_checkudata(L, 1, NOVITA_LUA_LOOP);
  if (loop->poller != NULL && loop->users == 0 &&
      !novita_loop_inherited(loop))
    shut(L, loop);
  return 0;
}


static const luaL_Reg methods[] = {
  {"step", loop_step}, {"next", loop_next}, {"timer", loop_timer},
  {"pollfd", loop_pollfd}, {"timeout", loop_timeout},
  {"backend", loop_backend}, {"busy", loop_busy}, {"wake", loop_wake},
  {"inherited", loop_inherited}, {"memory", loop_memory},
  {"prepare", novita_lua_prepare}, {"faces", novita_lua_faces},
  {"check_safetensors", novita_lua_safetensors},
  {"save", novita_lua_part_file_save}, {"close", loop_close}, {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", loop_gc}, {"__close", loop_close}, {NULL, NULL}
};


static int loop_new (lua_State *L) {
  struct novita_error e;
  struct novita_loop *loop;
  bool force_poll;
  int workers;
  lua_Integer memory;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "poll");
  force_poll = lua_toboolean(L, -1);
  lua_getfield(L, 1, "workers");
  workers = (int)luaL_optinteger(L, -1, 0);
  lua_getfield(L, 1, "memory");
  memory = luaL_optinteger(L, -1, 0);
  loop = lua_newuserdatauv(L, sizeof *loop, 1);
  memset(loop, 0, sizeof *loop);
  luaL_setmetatable(L, NOVITA_LUA_LOOP);
  lua_newtable(L);
  lua_setiuservalue(L, -2, 1);
  if (novita_loop_open(loop, force_poll, &e) != 0)
    return novita_lua_error_return(L, &e);
  loop->worker_count = workers;
  loop->worker_memory = memory > 0 ? (uint64_t)memory : 0;
  return 1;
}


int novita_lua_loop (lua_State *L) {
  luaL_newmetatable(L, NOVITA_LUA_LOOP);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  novita_lua_op_kind(L, &alarm_kind, NULL);
  novita_lua_prepare_kind(L);
  novita_lua_safetensors_kind(L);
  novita_lua_part_file_save_kind(L);
  novita_lua_faces_kind(L);
  lua_pushcfunction(L, loop_new);
  return 1;
}
