/*
** process.c: core.process(loop, continuation, options) -> op | nil, err
**   options.argv          the program and its arguments
**   options.environment   changes to ours: strings, or false to remove one
**   options.folder        to start in
**   options.mark          of its environment and that of all it starts
**   options.log, options.log_limit         path, bytes
**   options.output_limit                   bytes of output
**   options.timeout, options.silence, options.grace   seconds
** Events: a list of stream, line, stream, line, ... Streams are 0 stdout, 1
** stderr, 2 progress (descriptor 3).
** Result: a table, also if the program failed.
** op:pid() -> its number; op:stop() -> SIGTERM, and later SIGKILL
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../lua/error.h"
#include "../../lua/loop_handle.h"
#include "../../lua/op.h"
#include "../process.h"
#include "environment.h"
#include "process.h"

#define MARK "NOVITA_PROCESS="


/* {====== the result ====== */

struct list {
  lua_State *L;
  lua_Integer n;
};


static void add_line (void *context, int stream, const char *text,
                      size_t len) {
  struct list *list = context;
  lua_pushinteger(list->L, stream);
  lua_rawseti(list->L, -2, ++list->n);
  lua_pushlstring(list->L, text, len);
  lua_rawseti(list->L, -2, ++list->n);
}


static int process_events (lua_State *L, void *op) {
  struct list list = {L, 0};
  lua_newtable(L);
  novita_process_take(op, add_line, &list);
  return 1;
}


static const char *reason_of (const struct novita_process *p) {
  static const char *const names[] = {
    NULL, "timeout", "silent", "output", "stopped"
  };
  return names[p->reason];
}


static void set_end (lua_State *L, const struct novita_process *p) {
  if (p->signal != 0) {
    lua_pushinteger(L, p->signal);
    lua_setfield(L, -2, "signal");
    lua_pushstring(L, strsignal(p->signal));
    lua_setfield(L, -2, "signal_name");
    return;
  }
  lua_pushinteger(L, p->status);
  lua_setfield(L, -2, "status");
}


static int process_results (lua_State *L, void *op) {
  const struct novita_process *p = op;
  const char *tail;
  size_t len;
  lua_newtable(L);
  set_end(L, p);
  lua_pushstring(L, reason_of(p));
  lua_setfield(L, -2, "reason");
  lua_pushnumber(L, p->ended - p->started);
  lua_setfield(L, -2, "seconds");
  lua_pushinteger(L, (lua_Integer)p->output.printed);
  lua_setfield(L, -2, "printed");
  lua_pushinteger(L, p->strays);
  lua_setfield(L, -2, "strays");
  tail = novita_log_tail(&p->output.log, &len);
  lua_pushlstring(L, tail, len);
  lua_setfield(L, -2, "tail");
  if (p->output.log.failed != 0) {
    lua_pushstring(L, strerror(p->output.log.failed));
    lua_setfield(L, -2, "log_error");
  }
  return 1;
}

/* }====== */


static void process_release (void *op) {
  novita_process_free(op);
}


static const struct novita_lua_op_type process_kind = {
  "novita.server.process", process_results, process_events, process_release,
  false, false
};


static struct novita_process *check (lua_State *L) {
  return luaL_checkudata(L, 1, process_kind.name);
}


/* of a program that runs; nothing once it has ended: the number may then be
** that of another process */
static int process_pid (lua_State *L) {
  const struct novita_process *p = check(L);
  if (p->op.state != NOVITA_OP_RUNNING || p->exited) return 0;
  lua_pushinteger(L, p->pid);
  return 1;
}


static int process_stop (lua_State *L) {
  struct novita_process *p = check(L);
  if (p->op.state != NOVITA_OP_IDLE)
    novita_lua_loop_handle_check_pid(L, p->op.loop);
  novita_process_stop(p);
  return 0;
}


static const luaL_Reg methods[] = {
  {"pid", process_pid}, {"stop", process_stop}, {NULL, NULL}
};


void novita_lua_process_kind (lua_State *L) {
  novita_lua_op_kind(L, &process_kind, methods);
}


/* {====== options; their strings stay in the table at index 3 ====== */

static const char *get_string (lua_State *L, const char *name) {
  const char *text;
  lua_getfield(L, 3, name);
  text = luaL_optstring(L, -1, NULL);
  lua_pop(L, 1);
  return text;
}


static double get_number (lua_State *L, const char *name, double usual) {
  double number;
  lua_getfield(L, 3, name);
  number = luaL_optnumber(L, -1, usual);
  luaL_argcheck(L, number >= 0, 3, "a limit must be a number >= 0");
  lua_pop(L, 1);
  return number;
}


static uint64_t get_bytes (lua_State *L, const char *name) {
  double number = get_number(L, name, 1e15);
  return number < 1e15 ? (uint64_t)number : (uint64_t)1e15;
}


static void read_limits (lua_State *L, struct novita_process_options *o) {
  o->log = get_string(L, "log");
  o->log_limit = get_bytes(L, "log_limit");
  o->output_limit = get_bytes(L, "output_limit");
  o->timeout = get_number(L, "timeout", NOVITA_NEVER);
  o->silence = get_number(L, "silence", NOVITA_NEVER);
  o->grace = get_number(L, "grace", 10);
  o->spawn.folder = get_string(L, "folder");
}


/* Leaves values on the stack that own the strings. */
static void read_program (lua_State *L, struct novita_process_options *o) {
  int argv, environment;
  lua_getfield(L, 3, "argv");
  argv = lua_gettop(L);
  luaL_checktype(L, argv, LUA_TTABLE);
  luaL_argcheck(L, lua_rawlen(L, argv) > 0, 3, "argv must name a program");
  o->spawn.argv = novita_lua_environment_list(L, argv);
  lua_getfield(L, 3, "environment");
  environment = lua_gettop(L);
  luaL_checktype(L, environment, LUA_TTABLE);
  o->spawn.environment = novita_lua_environment_changed(L, environment);
}


/* The mark is a variable, which the environment gets before it is made. */
static void read_mark (lua_State *L, struct novita_process_options *o) {
  const char *mark = get_string(L, "mark");
  luaL_argcheck(L, mark != NULL && strlen(mark) >= 16 &&
                   strlen(MARK) + strlen(mark) < NOVITA_STRAYS_MARK,
                3, "mark must be a string of 16 to 80 bytes");
  lua_getfield(L, 3, "environment");
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_pushstring(L, mark);
  lua_setfield(L, -2, "NOVITA_PROCESS");
  lua_pushfstring(L, MARK "%s", mark);
  o->mark = lua_tostring(L, -1);  /* stays on the stack */
}

/* }====== */


int novita_lua_process (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  struct novita_process_options o;
  struct novita_process *p;
  struct novita_error e;
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  read_limits(L, &o);
  read_mark(L, &o);
  read_program(L, &o);
  p = novita_lua_op_new(L, &process_kind, sizeof *p);
  novita_lua_op_hold(L, -1, 1, 2, 1);
  if (novita_process_start(loop, p, &o, &e) == 0) return 1;
  novita_lua_op_drop(L, -1, 1);
  return novita_lua_error_return(L, &e);
}
