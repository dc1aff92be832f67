/*
** prepare.c: loop:prepare(continuation, source, options) -> op
**   source    a path; or { bytes = string }
** Result: the op itself, now a prepared picture, or nil, err.
** prepared:facts() -> table; prepared:bytes() -> string.
*/
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../event/worker.h"
#include "../image/prepare.h"
#include "failure.h"
#include "loop.h"
#include "op.h"
#include "parts.h"
#include "picture.h"
#include "prepare.h"

struct preparation {
  struct novita_job job;           /* first member */
  struct novita_source source;     /* its bytes are anchored by the op */
  struct novita_prepare wish;
  struct novita_prepared made;
  struct novita_error error;
};


static void run (struct novita_job *job) {
  struct preparation *p = (struct preparation *)job;
  novita_error_clear(&p->error);
  novita_image_prepare(&p->source, &p->wish, &p->made, &p->error);
}


/* The stack's third value is the op itself (see op.c, push_end). */
static int prepare_results (lua_State *L, void *op) {
  struct preparation *p = op;
  if (p->error.kind != NOVITA_OK) return novita_lua_fail(L, &p->error);
  lua_pushvalue(L, 3);
  return 1;
}


static void prepare_release (void *op) {
  novita_buffer_free(&((struct preparation *)op)->made.bytes);
}


static const struct novita_lua_kind prepare_kind = {
  "novita.core.prepare", prepare_results, NULL, prepare_release, true, true
};


static struct preparation *check (lua_State *L, int index) {
  struct preparation *p = luaL_checkudata(L, index, prepare_kind.name);
  if (p->job.op.state != NOVITA_OP_IDLE || p->made.bytes.data == NULL)
    luaL_argerror(L, index, "the picture is not prepared yet, or is freed");
  return p;
}


const struct novita_buffer *novita_lua_check_prepared (lua_State *L,
                                                       int index) {
  return &check(L, index)->made.bytes;
}


static int prepared_bytes (lua_State *L) {
  const struct novita_buffer *b = novita_lua_check_prepared(L, 1);
  lua_pushlstring(L, b->data, b->len);
  return 1;
}


static int prepared_facts (lua_State *L) {
  novita_lua_push_prepared_facts(L, &check(L, 1)->made);
  return 1;
}


static const luaL_Reg methods[] = {
  {"bytes", prepared_bytes}, {"facts", prepared_facts}, {NULL, NULL}
};


/* The op is on the top. */
static void read_source (lua_State *L, struct novita_source *source) {
  if (lua_type(L, 3) == LUA_TSTRING) {
    source->path = lua_tostring(L, 3);
    novita_lua_op_anchor(L, -1, 3);
    return;
  }
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_getfield(L, 3, "bytes");
  source->bytes = luaL_checklstring(L, -1, &source->len);
  novita_lua_op_anchor(L, -2, -1);
  lua_pop(L, 1);
}


int novita_lua_prepare (lua_State *L) {
  struct novita_loop *loop = novita_lua_check_loop(L, 1);
  struct preparation *p;
  struct novita_error e;
  lua_settop(L, 4);
  p = novita_lua_op_new(L, &prepare_kind, sizeof *p);
  read_source(L, &p->source);
  novita_lua_check_prepare(L, 4, &p->wish);
  p->job.run = run;
  if (novita_job_start(loop, &p->job, &e) != 0) return novita_lua_fail(L, &e);
  novita_lua_op_started(L, -1, 1, 2, 1);
  return 1;
}


void novita_lua_prepare_kind (lua_State *L) {
  novita_lua_op_kind(L, &prepare_kind, methods);
}
