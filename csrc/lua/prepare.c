/*
** prepare.c: loop:prepare(continuation, source, options [, detector]) -> op
**   source    a string of bytes, or { path = } or { bytes = }
**   detector  of the rock novita-faces: crop around the largest face
** Result: the op itself, now a prepared photo, or nil, err.
** prepared:info() -> table; prepared:bytes() -> string; prepared:size() -> its
** length; prepared:close() frees the bytes early: the collector sees only the
** small op, not the megabytes that it owns. An upload that still sends them
** keeps them until it ends.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "../event/worker_op.h"
#include "../image/detect/face_chooser.h"
#include "../image/prepare/prepare.h"
#include "core.h"
#include "error.h"
#include "image.h"
#include "loop_handle.h"
#include "op.h"
#include "prepare.h"
#include "source.h"

struct novita_lua_prepared {
  struct novita_worker_op worker;         /* first member */
  struct novita_source source;     /* its bytes are anchored by the op */
  struct novita_prepare_options options;
  struct novita_face_chooser faces;  /* its detector is anchored, too */
  struct novita_prepare_result made;
  struct novita_error error;
  int users;                       /* uploads that send the bytes */
  bool closed;                     /* free the bytes when no upload is left */
};


static void drop_cache (void *cache) {
  novita_weights_cache_close(cache);
  free(cache);
}


/* NULL on out-of-memory: photos are then prepared without a cache */
static struct novita_weights_cache *cache_of (
    struct novita_worker_local *kept) {
  if (kept->data == NULL && (kept->data = malloc(
        sizeof(struct novita_weights_cache))) != NULL) {
    novita_weights_cache_open(kept->data);
    kept->drop = drop_cache;
  }
  return kept->data;
}


static void run (struct novita_worker_job *job,
                 struct novita_worker_local *kept) {
  struct novita_lua_prepared *p =
    NOVITA_CONTAINER_OF(job, struct novita_lua_prepared, worker.job);
  novita_error_clear(&p->error);
  p->options.limits.share = &job->memory;
  novita_image_prepare(&p->source, &p->options, cache_of(kept), &p->made,
                       &p->error);
}


/* The stack's third value is the op itself (see op.c, push_end). */
static int prepare_results (lua_State *L, void *op) {
  struct novita_lua_prepared *p = op;
  if (p->error.kind != NOVITA_ERROR_NONE)
    return novita_lua_error_return(L, &p->error);
  lua_pushvalue(L, 3);
  return 1;
}


static void free_unused (struct novita_lua_prepared *p) {
  if (p->closed && p->users == 0) novita_prepare_result_free(&p->made);
}


static void prepare_release (void *op) {
  struct novita_lua_prepared *p = op;
  p->closed = true;
  free_unused(p);
}


static const struct novita_lua_op_type prepare_kind = {
  "novita.core.prepare", prepare_results, NULL, prepare_release, true, true
};


static struct novita_lua_prepared *check (lua_State *L, int index) {
  struct novita_lua_prepared *p = luaL_checkudata(L, index, prepare_kind.name);
  if (p->worker.op.state != NOVITA_OP_IDLE || p->closed ||
      p->made.bytes.data == NULL)
    luaL_argerror(L, index, "the photo is not prepared yet, or is closed");
  return p;
}


struct novita_lua_prepared *novita_lua_prepare_use (lua_State *L, int index) {
  struct novita_lua_prepared *p = check(L, index);
  p->users++;
  return p;
}


const struct novita_buffer *novita_lua_prepare_used (
    const struct novita_lua_prepared *p) {
  return &p->made.bytes;
}


void novita_lua_prepare_unuse (struct novita_lua_prepared *p) {
  p->users--;
  free_unused(p);
}


static int prepared_bytes (lua_State *L) {
  const struct novita_buffer *b = &check(L, 1)->made.bytes;
  lua_pushlstring(L, b->data, b->len);
  return 1;
}


static int prepared_size (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)check(L, 1)->made.bytes.len);
  return 1;
}


/* May be called twice. */
static int prepared_close (lua_State *L) {
  struct novita_lua_prepared *p = luaL_checkudata(L, 1, prepare_kind.name);
  if (p->worker.op.state != NOVITA_OP_IDLE)
    luaL_argerror(L, 1, "the photo is not prepared yet");
  prepare_release(p);
  return 0;
}


static const char *choice (const struct novita_lua_prepared *p) {
  if (p->options.has_crop) return "box";
  if (p->options.crop_top) return "top";
  return p->faces.looked && p->faces.found.count > 0 ? "face" : "center";
}


static int prepared_info (lua_State *L) {
  const struct novita_lua_prepared *p = check(L, 1);
  novita_lua_image_info_push(L, &p->made);
  lua_getfield(L, -1, "crop");
  lua_pushstring(L, choice(p));
  lua_setfield(L, -2, "choice");
  lua_pop(L, 1);
  if (!p->faces.looked) return 1;
  novita_lua_faces_push(L, &p->faces.found);
  lua_setfield(L, -2, "faces");
  return 1;
}


static const luaL_Reg methods[] = {
  {"bytes", prepared_bytes}, {"size", prepared_size},
  {"close", prepared_close},
  {"info", prepared_info}, {NULL, NULL}
};


int novita_lua_prepare (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  const struct novita_detector *detector = NULL;
  struct novita_lua_prepared *p;
  struct novita_error e;
  lua_settop(L, 5);
  if (!lua_isnil(L, 5) &&
      (detector = novita_lua_faces_detector(L, 5, &e)) == NULL)
    return novita_lua_error_return(L, &e);
  p = novita_lua_op_new(L, &prepare_kind, sizeof *p);
  novita_lua_source_read(L, 3, &p->source);
  novita_lua_faces_anchor(L, 6, 5);
  novita_lua_prepare_options_read(L, 4, &p->options);
  if (detector != NULL) {
    novita_face_chooser_open(&p->faces, detector);
    p->options.chooser = &p->faces.chooser;
  }
  p->worker.job.run = run;
  novita_lua_op_hold(L, -1, 1, 2, 1);
  if (novita_worker_op_start(loop, &p->worker, &e) == 0) return 1;
  novita_lua_op_drop(L, -1, 1);
  return novita_lua_error_return(L, &e);
}


void novita_lua_prepare_kind (lua_State *L) {
  novita_lua_op_kind(L, &prepare_kind, methods);
}
