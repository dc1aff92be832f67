/*
** faces.c: loop:faces(continuation, source, options, detector) -> op
**   source    a string of bytes, or { path = } or { bytes = }
**   options   of 'prepare'; only lenient and limits are used
**   detector  of the rock novita-faces
** Result: a list of { x =, y =, width =, height =, score = }, or nil, err.
** core.image.face_crop and core.image.face_head compute boxes for a face.
*/
#include <math.h>

#include <lauxlib.h>
#include <lua.h>

#include "../event/worker_op.h"
#include "../image/detect/face_crop.h"
#include "core.h"
#include "error.h"
#include "image.h"
#include "loop_handle.h"
#include "op.h"
#include "source.h"

struct detection {
  struct novita_worker_op worker;  /* first member */
  struct novita_source source;     /* its bytes are anchored by the op */
  struct novita_prepare_options options;
  const struct novita_detector *detector;  /* anchored by the op, too */
  struct novita_detected found;
  struct novita_error error;
};


static void run (struct novita_worker_job *job,
                 struct novita_worker_local *kept) {
  struct detection *d =
    NOVITA_CONTAINER_OF(job, struct detection, worker.job);
  struct novita_error e;
  (void)kept;
  novita_error_clear(&d->error);
  novita_error_clear(&e);
  d->options.limits.share = &job->memory;
  if (novita_detect_faces(d->detector, &d->source, &d->options.limits,
                          d->options.lenient, &d->found, &e) != 0)
    d->error = e;
}


static void set_number (lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}


static void push_face (lua_State *L, const struct novita_face *f) {
  lua_createtable(L, 0, 5);
  set_number(L, "x", f->x);
  set_number(L, "y", f->y);
  set_number(L, "width", f->width);
  set_number(L, "height", f->height);
  set_number(L, "score", f->score);
}


void novita_lua_faces_push (lua_State *L,
                            const struct novita_detected *found) {
  int i;
  lua_createtable(L, found->count, 0);
  for (i = 0; i < found->count; i++) {
    push_face(L, &found->face[i]);
    lua_rawseti(L, -2, i + 1);
  }
}


static int faces_results (lua_State *L, void *op) {
  const struct detection *d = op;
  if (d->error.kind != NOVITA_ERROR_NONE)
    return novita_lua_error_return(L, &d->error);
  novita_lua_faces_push(L, &d->found);
  return 1;
}


static void faces_release (void *op) {
  (void)op;
}


static const struct novita_lua_op_type faces_kind = {
  "novita.core.faces", faces_results, NULL, faces_release, false, true
};


const struct novita_detector *novita_lua_faces_detector (
    lua_State *L, int index, struct novita_error *e) {
  const struct novita_detector *d = luaL_checkudata(L, index, NOVITA_DETECTOR);
  if (d->version == NOVITA_DETECTOR_VERSION) return d;
  novita_error_set(e, NOVITA_ERROR_FILE, "face_detector",
                   "the rock novita-faces does not fit this novita "
                   "(interface %d, not %d): install both again", d->version,
                   NOVITA_DETECTOR_VERSION);
  return NULL;
}


void novita_lua_faces_anchor (lua_State *L, int op, int detector) {
  lua_createtable(L, 2, 0);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, detector);
  lua_rawseti(L, -2, 2);
  novita_lua_op_anchor(L, op, -1);
  lua_pop(L, 1);
}


int novita_lua_faces (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  struct novita_error e;
  const struct novita_detector *detector =
    novita_lua_faces_detector(L, 5, &e);
  struct detection *d;
  if (detector == NULL) return novita_lua_error_return(L, &e);
  lua_settop(L, 5);
  d = novita_lua_op_new(L, &faces_kind, sizeof *d);
  d->detector = detector;
  novita_lua_source_read(L, 3, &d->source);
  novita_lua_faces_anchor(L, 6, 5);
  novita_lua_prepare_options_read(L, 4, &d->options);
  d->worker.job.run = run;
  novita_lua_op_hold(L, -1, 1, 2, 1);
  if (novita_worker_op_start(loop, &d->worker, &e) == 0) return 1;
  novita_lua_op_drop(L, -1, 1);
  return novita_lua_error_return(L, &e);
}


void novita_lua_faces_kind (lua_State *L) {
  novita_lua_op_kind(L, &faces_kind, NULL);
}

/* {====== boxes for a face ====== */

static double check_number (lua_State *L, int index, double least) {
  double v = luaL_checknumber(L, index);
  luaL_argcheck(L, isfinite(v) && v >= least, index, "out of range");
  return v;
}


static double check_size (lua_State *L, int index) {
  double v = check_number(L, index, 0);
  luaL_argcheck(L, v > 0, index, "out of range");
  return v;
}


/* at 'index' and the three after it: x, y, width, height */
static struct novita_face check_face (lua_State *L, int index) {
  struct novita_face f;
  f.x = check_number(L, index, 0);
  f.y = check_number(L, index + 1, 0);
  f.width = check_size(L, index + 2);
  f.height = check_size(L, index + 3);
  f.score = 1;
  return f;
}


static int push_box (lua_State *L, const struct novita_box *b) {
  lua_pushnumber(L, b->x);
  lua_pushnumber(L, b->y);
  lua_pushnumber(L, b->width);
  lua_pushnumber(L, b->height);
  return 4;
}


/* face_crop(width, height, x, y, width, height of the face, aspect) */
int novita_lua_faces_crop (lua_State *L) {
  double width = check_size(L, 1), height = check_size(L, 2);
  struct novita_face face = check_face(L, 3);
  struct novita_box part = novita_face_crop(&face, width, height,
                                            check_size(L, 7));
  return push_box(L, &part);
}


/* face_head(width, height, x, y, width, height of the face) */
int novita_lua_faces_head (lua_State *L) {
  double width = check_size(L, 1), height = check_size(L, 2);
  struct novita_face face = check_face(L, 3);
  struct novita_box head = novita_face_crop_head(&face, width, height);
  return push_box(L, &head);
}

/* }====== */
