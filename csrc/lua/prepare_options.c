/*
** prepare_options.c: Lua tables of options to 'struct novita_prepare_options',
** field by field.
*/
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "../image/codec/pixels.h"
#include "image.h"

static const char *const fits[] = {
  [NOVITA_FIT_COVER] = "cover", [NOVITA_FIT_CONTAIN] = "contain",
  [NOVITA_FIT_STRETCH] = "stretch", [NOVITA_FIT_INSIDE] = "inside", NULL
};

static const char *const filters[] = {
  [NOVITA_FILTER_LANCZOS3] = "lanczos3", [NOVITA_FILTER_CATMULL_ROM] = "catmull-rom",
  [NOVITA_FILTER_MITCHELL] = "mitchell", [NOVITA_FILTER_AREA] = "area",
  [NOVITA_FILTER_BOX] = "box", NULL
};

static const char *const formats[] = {
  [NOVITA_FORMAT_JPEG] = "jpeg", [NOVITA_FORMAT_PNG] = "png", [NOVITA_FORMAT_WEBP] = "webp", NULL
};

struct field {
  const char *name;
  int group;
  void (*read) (lua_State *L, const char *name, struct novita_prepare_options *options);
};


/* the value at 'index' is not what 'name' may be */
static void wrong (lua_State *L, int index, const char *name,
                   const char *allowed) {
  size_t len;
  const char *value;
  index = lua_absindex(L, index);
  if (lua_type(L, index) == LUA_TSTRING) {
    value = lua_tolstring(L, index, &len);
    lua_pushlstring(L, value, len < 60 ? len : 60);
    lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
  } else
    luaL_tolstring(L, index, NULL);
  luaL_error(L, "%s must be %s, got %s", name, allowed, lua_tostring(L, -1));
}


static lua_Integer integer (lua_State *L, const char *name, lua_Integer low,
                            lua_Integer high) {
  int is_integer, top = lua_gettop(L);
  lua_Integer v = lua_tointegerx(L, top, &is_integer);
  if (!is_integer || lua_type(L, top) != LUA_TNUMBER || v < low || v > high)
    wrong(L, top, name, lua_pushfstring(L, "an integer from %I to %I",
                                   (LUAI_UACINT)low, (LUAI_UACINT)high));
  return v;
}


static int boolean (lua_State *L, const char *name) {
  if (!lua_isboolean(L, -1)) wrong(L, -1, name, "true or false");
  return lua_toboolean(L, -1);
}


static void push_choices (lua_State *L, const char *const *choices) {
  luaL_Buffer b;
  int i;
  luaL_buffinit(L, &b);
  for (i = 0; choices[i] != NULL; i++) {
    if (i > 0) luaL_addstring(&b, choices[i + 1] != NULL ? ", " : " or ");
    luaL_addchar(&b, '"');
    luaL_addstring(&b, choices[i]);
    luaL_addchar(&b, '"');
  }
  luaL_pushresult(&b);
}


static int choice (lua_State *L, const char *name,
                   const char *const *choices) {
  int i;
  if (lua_type(L, -1) == LUA_TSTRING)
    for (i = 0; choices[i] != NULL; i++)
      if (strcmp(lua_tostring(L, -1), choices[i]) == 0) return i;
  push_choices(L, choices);
  wrong(L, -2, name, lua_tostring(L, -1));
  return 0;
}


static void read_width (lua_State *L, const char *name,
                        struct novita_prepare_options *options) {
  options->width = (int)integer(L, name, 1, NOVITA_PIXELS_MAX_SIDE);
}


static void read_height (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->height = (int)integer(L, name, 1, NOVITA_PIXELS_MAX_SIDE);
}


static void read_size (lua_State *L, const char *name,
                       struct novita_prepare_options *options) {
  options->width = options->height = (int)integer(L, name, 1, NOVITA_PIXELS_MAX_SIDE);
}


static void read_fit (lua_State *L, const char *name,
                      struct novita_prepare_options *options) {
  options->fit = (enum novita_fit)choice(L, name, fits);
}


static void read_filter (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->filter = (enum novita_filter)choice(L, name, filters);
}


static void read_linear (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->linear = boolean(L, name);
}


static double crop_side (lua_State *L, const char *side, double least) {
  double v;
  int top;
  lua_getfield(L, -1, side);
  top = lua_gettop(L);
  v = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || !isfinite(v) || v < least)
    wrong(L, top, lua_pushfstring(L, "crop.%s", side),
          least > 0 ? "a number of pixels above 0"
                    : "a number of pixels from 0 on");
  lua_pop(L, 1);
  return v;
}


static void read_crop (lua_State *L, const char *name,
                       struct novita_prepare_options *options) {
  if (lua_type(L, -1) == LUA_TSTRING &&
      strcmp(lua_tostring(L, -1), "center") == 0) return;
  if (!lua_istable(L, -1))
    wrong(L, -1, name, "\"center\" or a table { x =, y =, width =, "
                       "height = }");
  options->has_crop = 1;
  options->crop.x = crop_side(L, "x", 0);
  options->crop.y = crop_side(L, "y", 0);
  options->crop.width = crop_side(L, "width", 1e-3);
  options->crop.height = crop_side(L, "height", 1e-3);
}


static void read_format (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->format = (enum novita_format)choice(L, name, formats);
}


static void read_quality (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  options->quality = (int)integer(L, name, 1, 100);
  options->pass_through = 0;
}


static void read_chroma (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  lua_Integer v = lua_tointeger(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || (v != 444 && v != 420))
    wrong(L, -1, name, "444 or 420");
  options->chroma = (int)v;
  options->pass_through = 0;
}


static void read_lossless (lua_State *L, const char *name,
                           struct novita_prepare_options *options) {
  options->lossless = boolean(L, name);
  options->pass_through = 0;
}


static void read_optimize (lua_State *L, const char *name,
                           struct novita_prepare_options *options) {
  options->optimize = boolean(L, name);
  options->pass_through = 0;
}


static void read_effort (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->effort = (int)integer(L, name, 0, 9);
  options->pass_through = 0;
}


static void read_planes (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->planes = boolean(L, name);
}


static void read_pass_through (lua_State *L, const char *name,
                               struct novita_prepare_options *options) {
  options->pass_through = boolean(L, name);
}


static void read_keep_metadata (lua_State *L, const char *name,
                                struct novita_prepare_options *options) {
  options->keep_metadata = boolean(L, name);
}


static void read_lenient (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  options->lenient = boolean(L, name);
}


/* field 'name' of the table of limits, or 'otherwise' where it is not set */
static lua_Integer limit (lua_State *L, const char *name,
                          lua_Integer otherwise, lua_Integer most) {
  lua_Integer v = otherwise;
  if (lua_getfield(L, -1, name) != LUA_TNIL) {
    const char *whole = lua_pushfstring(L, "limits.%s", name);
    lua_insert(L, -2);
    v = integer(L, whole, 1, most);
    lua_remove(L, -2);
  }
  lua_pop(L, 1);
  return v;
}


static void check_names (lua_State *L, int table, const char *prefix,
                         const char *const *names) {
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    int i = 0;
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
                                                     : luaL_typename(L, -2);
    while (names[i] != NULL && strcmp(names[i], key) != 0) i++;
    if (names[i] != NULL) continue;
    push_choices(L, names);
    luaL_error(L, "there is no option %s%s: allowed are %s", prefix, key,
               lua_tostring(L, -1));
  }
}


static double seconds (lua_State *L, const char *name) {
  double v = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || !(v > 0 && v <= 86400))
    wrong(L, -1, name, "a number of seconds above 0, up to 86400");
  return v;
}


static void read_limits (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  static const char *const names[] = {
    "bytes", "pixels", "scans", "output_pixels", "output_bytes", "memory",
    "seconds", NULL
  };
  struct novita_limits *l = &options->limits;
  const lua_Integer most = (lua_Integer)1 << 40;
  if (!lua_istable(L, -1)) wrong(L, -1, name, "a table");
  check_names(L, lua_gettop(L), "limits.", names);
  l->bytes = (size_t)limit(L, "bytes", (lua_Integer)l->bytes, most);
  l->pixels = (uint64_t)limit(L, "pixels", (lua_Integer)l->pixels, most);
  l->scans = (int)limit(L, "scans", l->scans, 100000);
  l->output_pixels = (uint64_t)limit(L, "output_pixels",
                                     (lua_Integer)l->output_pixels, most);
  l->output_bytes = (size_t)limit(L, "output_bytes",
                                  (lua_Integer)l->output_bytes, most);
  l->memory = (size_t)limit(L, "memory", (lua_Integer)l->memory, most);
  if (lua_getfield(L, -1, "seconds") != LUA_TNIL)
    l->seconds = seconds(L, "limits.seconds");
  lua_pop(L, 1);
}


static int hex_colour (const char *s, uint8_t rgb[3]) {
  int i;
  if (*s++ != '#' || strspn(s, "0123456789abcdefABCDEF") != 6 || s[6] != '\0')
    return 0;
  for (i = 0; i < 6; i++) {
    int c = (unsigned char)s[i];
    int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    rgb[i / 2] = (uint8_t)(i % 2 == 0 ? digit : rgb[i / 2] * 16 + digit);
  }
  return 1;
}


static int table_colour (lua_State *L, uint8_t rgb[3]) {
  int i, ok = 1;
  for (i = 0; i < 3; i++) {
    int is_integer;
    lua_Integer v;
    lua_geti(L, -1, i + 1);
    v = lua_tointegerx(L, -1, &is_integer);
    lua_pop(L, 1);
    if (!is_integer || v < 0 || v > 255) ok = 0;
    else rgb[i] = (uint8_t)v;
  }
  return ok;
}


void novita_lua_prepare_options_colour (lua_State *L, const char *name, uint8_t rgb[3]) {
  if (lua_type(L, -1) == LUA_TSTRING && hex_colour(lua_tostring(L, -1), rgb))
    return;
  if (lua_istable(L, -1) && table_colour(L, rgb)) return;
  wrong(L, -1, name, "\"#rrggbb\" or three integers from 0 to 255");
}


static void read_background (lua_State *L, const char *name,
                             struct novita_prepare_options *options) {
  novita_lua_prepare_options_colour(L, name, options->background);
}


static void read_nothing (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  (void)L;
  (void)name;
  (void)options;
}


/* 'size' stands first: 'width' and 'height' count more. Who says how a file is
** encoded wants it encoded; 'pass_through' stands behind that, and counts more.
*/
static const struct field fields[] = {
  {"size", NOVITA_OPTIONS_GEOMETRY, read_size},
  {"width", NOVITA_OPTIONS_GEOMETRY, read_width},
  {"height", NOVITA_OPTIONS_GEOMETRY, read_height},
  {"fit", NOVITA_OPTIONS_GEOMETRY, read_fit},
  {"filter", NOVITA_OPTIONS_GEOMETRY, read_filter},
  {"linear", NOVITA_OPTIONS_GEOMETRY, read_linear},
  {"crop", NOVITA_OPTIONS_GEOMETRY, read_crop},
  {"format", NOVITA_OPTIONS_ENCODER, read_format},
  {"quality", NOVITA_OPTIONS_ENCODER, read_quality},
  {"chroma", NOVITA_OPTIONS_ENCODER, read_chroma},
  {"lossless", NOVITA_OPTIONS_ENCODER, read_lossless},
  {"optimise", NOVITA_OPTIONS_ENCODER, read_optimize},
  {"effort", NOVITA_OPTIONS_ENCODER, read_effort},
  {"pass_through", NOVITA_OPTIONS_PIPELINE, read_pass_through},
  {"keep_metadata", NOVITA_OPTIONS_PIPELINE, read_keep_metadata},
  {"planes", NOVITA_OPTIONS_PIPELINE, read_planes},
  {"background", NOVITA_OPTIONS_BACKGROUND, read_background},
  {"lenient", NOVITA_OPTIONS_SOURCE, read_lenient},
  {"limits", NOVITA_OPTIONS_SOURCE, read_limits},
  {"channels", NOVITA_OPTIONS_CHANNELS, read_nothing}
};

#define FIELDS (sizeof fields / sizeof *fields)


static void check_fields (lua_State *L, int index, int allowed) {
  const char *names[FIELDS + 1];
  size_t i, n = 0;
  for (i = 0; i < FIELDS; i++)
    if (fields[i].group & allowed) names[n++] = fields[i].name;
  names[n] = NULL;
  check_names(L, index, "", names);
}


/* What a format cannot do is wrong use, not a silent nothing. */
static void check_sense (lua_State *L, const struct novita_prepare_options *options) {
  if (options->lossless && options->format == NOVITA_FORMAT_JPEG)
    luaL_error(L, "lossless must be false for format \"jpeg\", got true");
  if (options->optimize && options->format != NOVITA_FORMAT_JPEG)
    luaL_error(L, "optimise must be false for format \"%s\", got true",
               novita_format_name(options->format));
  if (options->format == NOVITA_FORMAT_WEBP && options->effort > 6)
    luaL_error(L, "effort must be an integer from 0 to 6 for format \"webp\", "
                  "got %d", options->effort);
}


void novita_lua_prepare_options_read (lua_State *L, int index, int allowed,
                            struct novita_prepare_options *options) {
  size_t i;
  novita_prepare_options_defaults(options);
  if (lua_isnoneornil(L, index)) return;
  luaL_checktype(L, index, LUA_TTABLE);
  luaL_checkstack(L, 10, NULL);
  index = lua_absindex(L, index);
  check_fields(L, index, allowed);
  for (i = 0; i < FIELDS; i++) {
    if (lua_getfield(L, index, fields[i].name) != LUA_TNIL)
      fields[i].read(L, fields[i].name, options);
    lua_pop(L, 1);
  }
  check_sense(L, options);
}


void novita_lua_prepare_options_check (lua_State *L, int index,
                               struct novita_prepare_options *options) {
  novita_lua_prepare_options_read(L, index, NOVITA_OPTIONS_GEOMETRY | NOVITA_OPTIONS_ENCODER |
                                    NOVITA_OPTIONS_SOURCE | NOVITA_OPTIONS_BACKGROUND |
                                    NOVITA_OPTIONS_PIPELINE,
                        options);
}


static int string_field (lua_State *L, int index, const char *name,
                         const char **s, size_t *len) {
  if (lua_getfield(L, index, name) == LUA_TSTRING) {
    *s = lua_tolstring(L, -1, len);
    return 1;
  }
  lua_pop(L, 1);
  return 0;
}


void novita_lua_prepare_options_source (lua_State *L, int index,
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
