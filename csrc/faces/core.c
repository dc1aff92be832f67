/*
** core.c: the C module 'novita.faces.core' of the rock novita-faces.
**   core.detector(bytes [, kernels]) -> detector; nil where the bytes are not
**     those of the network, or the processor does not have these kernels
**   detector:find(rgb, width, height, side) -> faces, for specs: a list of
**     { x, y, width, height, score }
**   detector:values(rgb, width, height, side) -> the network's own result, for
**     specs: a string of floats
**   detector:kernels() -> the name of the kernels in use
** The core runs the detector on its workers (image/detect/detector.h).
*/
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "../image/detect/detector.h"
#include "boxes.h"
#include "network.h"
#include "model.h"

#define MOST_SIDE 4096   /* of an input, in specs */

struct detector {
  struct novita_detector shared;   /* first member */
  struct novita_faces_model model;
  const struct novita_faces_kernels *kernels;
};

LUAMOD_API int luaopen_novita_faces_core (lua_State *L);


/* as Lua itself does */
static int raise_memory (lua_State *L) {
  lua_pushliteral(L, "not enough memory");
  return lua_error(L);
}


static int run (const struct novita_detector *shared,
                struct novita_faces_network *n, const uint8_t *rgb, int width,
                int height, int side) {
  const struct detector *d = (const struct detector *)shared;
  memset(n, 0, sizeof *n);
  n->model = &d->model;
  n->kernels = d->kernels;
  n->side = side;
  return novita_faces_network_run(n, rgb, width, height);
}


static int find (const struct novita_detector *d, const uint8_t *rgb,
                 int width, int height, int side, struct novita_face *faces) {
  struct novita_faces_network n;
  int count;
  if (run(d, &n, rgb, width, height, side) != 0) return -1;
  count = novita_faces_boxes(&n, width, height, faces);
  novita_faces_network_close(&n);
  return count;
}


static int detector_gc (lua_State *L) {
  struct detector *d = luaL_checkudata(L, 1, NOVITA_DETECTOR);
  novita_faces_model_free(&d->model);
  return 0;
}


static int detector_kernels (lua_State *L) {
  const struct detector *d = luaL_checkudata(L, 1, NOVITA_DETECTOR);
  lua_pushstring(L, d->kernels->name);
  return 1;
}


static int check_side (lua_State *L, int index, lua_Integer least) {
  lua_Integer v = luaL_checkinteger(L, index);
  luaL_argcheck(L, v >= least && v <= MOST_SIDE, index, "out of range");
  return (int)v;
}


/* the arguments of find and values */
struct image {
  const uint8_t *rgb;
  int width, height, side;
};


static void check_image (lua_State *L, struct image *i) {
  size_t len;
  i->rgb = (const uint8_t *)luaL_checklstring(L, 2, &len);
  i->width = check_side(L, 3, 1);
  i->height = check_side(L, 4, 1);
  i->side = check_side(L, 5, NOVITA_FACES_STRIDE);
  luaL_argcheck(L, i->side % NOVITA_FACES_STRIDE == 0, 5,
                "not a multiple of 32");
  luaL_argcheck(L, i->width <= i->side && i->height <= i->side, 5,
                "smaller than the image");
  luaL_argcheck(L, len == (size_t)i->width * (size_t)i->height * 3, 2,
                "not RGB of this size");
}


static int detector_values (lua_State *L) {
  const struct detector *d = luaL_checkudata(L, 1, NOVITA_DETECTOR);
  struct novita_faces_network n;
  struct image i;
  luaL_Buffer b;
  size_t size;
  check_image(L, &i);
  size = (size_t)(i.side / NOVITA_FACES_STRIDE);
  size *= size * NOVITA_FACES_VALUES * sizeof *n.out;
  luaL_buffinitsize(L, &b, size);  /* what may raise comes before the memory */
  if (run(&d->shared, &n, i.rgb, i.width, i.height, i.side) != 0)
    return raise_memory(L);
  memcpy(luaL_buffaddr(&b), n.out, size);
  novita_faces_network_close(&n);
  luaL_pushresultsize(&b, size);
  return 1;
}


static void push_face (lua_State *L, const struct novita_face *f) {
  const double v[5] = {f->x, f->y, f->width, f->height, f->score};
  int i;
  lua_createtable(L, 5, 0);
  for (i = 0; i < 5; i++) {
    lua_pushnumber(L, v[i]);
    lua_rawseti(L, -2, i + 1);
  }
}


static int detector_find (lua_State *L) {
  const struct detector *d = luaL_checkudata(L, 1, NOVITA_DETECTOR);
  struct novita_face faces[NOVITA_DETECTOR_MOST];
  struct image i;
  int k, count;
  check_image(L, &i);
  count = find(&d->shared, i.rgb, i.width, i.height, i.side, faces);
  if (count < 0) return raise_memory(L);
  lua_createtable(L, count, 0);
  for (k = 0; k < count; k++) {
    push_face(L, &faces[k]);
    lua_rawseti(L, -2, k + 1);
  }
  return 1;
}


static int l_detector (lua_State *L) {
  size_t len;
  const char *bytes = luaL_checklstring(L, 1, &len);
  const char *name = luaL_optstring(L, 2, NULL);
  struct detector *d = lua_newuserdatauv(L, sizeof *d, 0);
  memset(d, 0, sizeof *d);
  d->shared.version = NOVITA_DETECTOR_VERSION;
  d->shared.find = find;
  d->kernels = name == NULL ? novita_faces_kernels()
                            : novita_faces_kernels_named(name);
  luaL_setmetatable(L, NOVITA_DETECTOR);
  if (d->kernels == NULL || len != NOVITA_FACES_FILE_SIZE) return 0;
  if (novita_faces_model_read(&d->model, (const uint8_t *)bytes, len) != 0)
    return raise_memory(L);
  return 1;
}


static const luaL_Reg methods[] = {
  {"find", detector_find}, {"values", detector_values},
  {"kernels", detector_kernels}, {NULL, NULL}
};

static const luaL_Reg functions[] = {{"detector", l_detector}, {NULL, NULL}};


LUAMOD_API int luaopen_novita_faces_core (lua_State *L) {
  luaL_checkversion(L);
  luaL_newmetatable(L, NOVITA_DETECTOR);  /* new, or left by a failed open */
  lua_pushcfunction(L, detector_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
