/*
** prepare_options.c: see prepare_options.h. One reader for each option, and a
** table of them at the end.
*/
#include <math.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "../image/codec/pixels.h"
#include "colour.h"
#include "option.h"
#include "prepare_options.h"
#include "source.h"

static const char *const fits[] = {
  [NOVITA_FIT_COVER] = "cover", [NOVITA_FIT_CONTAIN] = "contain",
  [NOVITA_FIT_STRETCH] = "stretch", [NOVITA_FIT_INSIDE] = "inside", NULL
};

static const char *const filters[] = {
  [NOVITA_FILTER_LANCZOS3] = "lanczos3",
  [NOVITA_FILTER_CATMULL_ROM] = "catmull-rom",
  [NOVITA_FILTER_MITCHELL] = "mitchell", [NOVITA_FILTER_AREA] = "area",
  [NOVITA_FILTER_BOX] = "box", NULL
};

static const char *const formats[] = {
  [NOVITA_FORMAT_JPEG] = "jpeg", [NOVITA_FORMAT_PNG] = "png",
  [NOVITA_FORMAT_WEBP] = "webp", NULL
};

struct field {
  const char *name;
  enum novita_options group;
  /* reads the value on the top of the stack and leaves it there */
  void (*read) (lua_State *L, const char *name,
                struct novita_prepare_options *options);
};


static int check_side (lua_State *L, const char *name) {
  return (int)novita_lua_option_integer(L, name, 1, NOVITA_PIXELS_MAX_SIDE);
}


static void read_width (lua_State *L, const char *name,
                        struct novita_prepare_options *options) {
  options->width = check_side(L, name);
}


static void read_height (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->height = check_side(L, name);
}


static void read_size (lua_State *L, const char *name,
                       struct novita_prepare_options *options) {
  options->width = options->height = check_side(L, name);
}


static void read_fit (lua_State *L, const char *name,
                      struct novita_prepare_options *options) {
  options->fit = (enum novita_fit)novita_lua_option_choice(L, name, fits);
}


static void read_filter (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->filter =
    (enum novita_filter)novita_lua_option_choice(L, name, filters);
}


static void read_linear (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->linear = novita_lua_option_boolean(L, name);
}


static double crop_side (lua_State *L, const char *side, double min) {
  double v;
  int top;
  lua_getfield(L, -1, side);
  top = lua_gettop(L);
  v = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || !isfinite(v) || v < min)
    novita_lua_option_refuse(L, top, lua_pushfstring(L, "crop.%s", side),
                             min > 0 ? "a number of pixels > 0"
                                     : "a number of pixels >= 0");
  lua_pop(L, 1);
  return v;
}


static void read_crop (lua_State *L, const char *name,
                       struct novita_prepare_options *options) {
  if (lua_type(L, -1) == LUA_TSTRING &&
      strcmp(lua_tostring(L, -1), "center") == 0) return;
  if (!lua_istable(L, -1))
    novita_lua_option_refuse(L, -1, name, "\"center\" or a table { x =, y =, "
                             "width =, height = }");
  options->has_crop = 1;
  options->crop.x = crop_side(L, "x", 0);
  options->crop.y = crop_side(L, "y", 0);
  options->crop.width = crop_side(L, "width", 1e-3);
  options->crop.height = crop_side(L, "height", 1e-3);
}


static void read_format (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->format =
    (enum novita_format)novita_lua_option_choice(L, name, formats);
}


static void read_quality (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  options->quality = (int)novita_lua_option_integer(L, name, 1, 100);
  options->pass_through = 0;
}


static void read_chroma (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  lua_Integer v = lua_tointeger(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || (v != 444 && v != 420))
    novita_lua_option_refuse(L, -1, name, "444 or 420");
  options->chroma = (int)v;
  options->pass_through = 0;
}


static void read_lossless (lua_State *L, const char *name,
                           struct novita_prepare_options *options) {
  options->lossless = novita_lua_option_boolean(L, name);
  options->pass_through = 0;
}


static void read_optimize (lua_State *L, const char *name,
                           struct novita_prepare_options *options) {
  options->optimize = novita_lua_option_boolean(L, name);
  options->pass_through = 0;
}


static void read_effort (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->effort = (int)novita_lua_option_integer(L, name, 0, 9);
  options->pass_through = 0;
}


static void read_planes (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->planes = novita_lua_option_boolean(L, name);
}


static void read_pass_through (lua_State *L, const char *name,
                               struct novita_prepare_options *options) {
  options->pass_through = novita_lua_option_boolean(L, name);
}


static void read_keep_metadata (lua_State *L, const char *name,
                                struct novita_prepare_options *options) {
  options->keep_metadata = novita_lua_option_boolean(L, name);
}


static void read_lenient (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  options->lenient = novita_lua_option_boolean(L, name);
}


static void read_limits (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  novita_lua_source_read_limits(L, name, &options->limits);
}


static void read_background (lua_State *L, const char *name,
                             struct novita_prepare_options *options) {
  novita_lua_colour_read(L, name, options->background);
}


/* 'channels' is read by the caller */
static void read_nothing (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  (void)L;
  (void)name;
  (void)options;
}


/* Options are read in this order, and a later one wins. 'width' and 'height'
** override 'size'. An encoder option turns 'pass_through' off, because the
** caller wants the file encoded; an explicit 'pass_through' overrides that. */
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
  {"optimize", NOVITA_OPTIONS_ENCODER, read_optimize},
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


static void check_names (lua_State *L, int index, int groups) {
  const char *names[FIELDS + 1];
  size_t i, n = 0;
  for (i = 0; i < FIELDS; i++)
    if ((int)fields[i].group & groups) names[n++] = fields[i].name;
  names[n] = NULL;
  novita_lua_option_check_names(L, index, "", names);
}


/* Refuse options that the format does not support instead of ignoring them. */
static void check_format_options (
    lua_State *L, const struct novita_prepare_options *options) {
  if (options->lossless && options->format == NOVITA_FORMAT_JPEG)
    luaL_error(L, "lossless must be false for format \"jpeg\", got true");
  if (options->optimize && options->format != NOVITA_FORMAT_JPEG)
    luaL_error(L, "optimize must be false for format \"%s\", got true",
               novita_format_name(options->format));
  if (options->format == NOVITA_FORMAT_WEBP && options->effort > 6)
    luaL_error(L, "effort must be an integer from 0 to 6 for format \"webp\", "
                  "got %d", options->effort);
}


void novita_lua_prepare_options_read (lua_State *L, int index, int groups,
                                      struct novita_prepare_options *options) {
  size_t i;
  novita_prepare_options_defaults(options);
  if (lua_isnoneornil(L, index)) return;
  luaL_checktype(L, index, LUA_TTABLE);
  luaL_checkstack(L, 10, NULL);
  index = lua_absindex(L, index);
  check_names(L, index, groups);
  for (i = 0; i < FIELDS; i++) {
    if (lua_getfield(L, index, fields[i].name) != LUA_TNIL)
      fields[i].read(L, fields[i].name, options);
    lua_pop(L, 1);
  }
  check_format_options(L, options);
}


void novita_lua_prepare_options_check (
    lua_State *L, int index, struct novita_prepare_options *options) {
  novita_lua_prepare_options_read(
    L, index, NOVITA_OPTIONS_GEOMETRY | NOVITA_OPTIONS_ENCODER |
              NOVITA_OPTIONS_SOURCE | NOVITA_OPTIONS_BACKGROUND |
              NOVITA_OPTIONS_PIPELINE, options);
}
