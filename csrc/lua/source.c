/*
** source.c: see source.h
*/
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "option.h"
#include "source.h"

#define MAX_SECONDS 86400
#define MAX_SCANS 100000
#define MAX_LIMIT ((lua_Integer)1 << 40)  /* bytes or pixels */


/* {====== source ====== */

/* on success the string stays on the stack */
static bool string_field (lua_State *L, int index, const char *name,
                          const char **s, size_t *len) {
  if (lua_getfield(L, index, name) == LUA_TSTRING) {
    *s = lua_tolstring(L, -1, len);
    return true;
  }
  lua_pop(L, 1);
  return false;
}


void novita_lua_source_read (lua_State *L, int index,
                             struct novita_source *source) {
  const char *s;
  memset(source, 0, sizeof *source);
  if (lua_type(L, index) == LUA_TSTRING) {
    source->bytes = lua_tolstring(L, index, &source->len);
    lua_pushvalue(L, index);
  } else if (!lua_istable(L, index))
    luaL_typeerror(L, index, "string of bytes or table { path = }");
  else if (string_field(L, index, "path", &source->path, &source->len)) {
    if (strlen(source->path) != source->len)
      luaL_error(L, "path must not contain a NUL byte");
  } else if (string_field(L, index, "bytes", &s, &source->len))
    source->bytes = s;
  else
    luaL_error(L, "the source must be a string of bytes, or a table with "
                  "'path' or 'bytes' as a string");
}

/* }====== */


/* {====== limits ====== */

/* field 'name' of the table of limits on the top, or 'unset' if it is nil */
static lua_Integer limit (lua_State *L, const char *name, lua_Integer unset,
                          lua_Integer max) {
  lua_Integer v = unset;
  if (lua_getfield(L, -1, name) != LUA_TNIL)
    v = novita_lua_option_integer(L, name, 1, max);
  lua_pop(L, 1);
  return v;
}


static double seconds (lua_State *L, double unset) {
  double v = unset;
  if (lua_getfield(L, -1, "seconds") != LUA_TNIL) v = lua_tonumber(L, -1);
  if (!(v > 0 && v <= MAX_SECONDS))
    luaL_error(L, "seconds must be a number > 0 and <= %d", MAX_SECONDS);
  lua_pop(L, 1);
  return v;
}


void novita_lua_source_read_limits (lua_State *L, const char *name,
                                    struct novita_limits *l) {
  if (!lua_istable(L, -1)) luaL_error(L, "%s must be a table", name);
  l->bytes = (size_t)limit(L, "bytes", (lua_Integer)l->bytes, MAX_LIMIT);
  l->pixels = (uint64_t)limit(L, "pixels", (lua_Integer)l->pixels, MAX_LIMIT);
  l->scans = (int)limit(L, "scans", l->scans, MAX_SCANS);
  l->output_pixels = (uint64_t)limit(
    L, "output_pixels", (lua_Integer)l->output_pixels, MAX_LIMIT);
  l->output_bytes = (size_t)limit(
    L, "output_bytes", (lua_Integer)l->output_bytes, MAX_LIMIT);
  l->memory = (size_t)limit(L, "memory", (lua_Integer)l->memory, MAX_LIMIT);
  l->seconds = seconds(L, l->seconds);
}

/* }====== */
