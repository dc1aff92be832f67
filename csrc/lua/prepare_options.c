/*
** prepare_options.c: see image.h. One reader for each option that is
** not true or false, and two tables at the end.
*/
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#include "../image/codec/pixels.h"
#include "image.h"
#include "option.h"
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


static double box_side (lua_State *L, const char *side, double min) {
  double v;
  lua_getfield(L, -1, side);
  v = lua_tonumber(L, -1);
  if (!isfinite(v) || v < min)
    luaL_error(L, "crop.%s must be a number of pixels", side);
  lua_pop(L, 1);
  return v;
}


/* "top", or a box */
static void read_crop (lua_State *L, const char *name,
                       struct novita_prepare_options *options) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    static const char *const parts[] = {"top", NULL};
    novita_lua_option_choice(L, name, parts);
    options->crop_top = true;
    return;
  }
  if (!lua_istable(L, -1)) luaL_error(L, "%s must be a table", name);
  options->has_crop = 1;
  options->crop.x = box_side(L, "x", 0);
  options->crop.y = box_side(L, "y", 0);
  options->crop.width = box_side(L, "width", 1e-3);
  options->crop.height = box_side(L, "height", 1e-3);
}


static void read_format (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->format =
    (enum novita_format)novita_lua_option_choice(L, name, formats);
}


static void read_quality (lua_State *L, const char *name,
                          struct novita_prepare_options *options) {
  options->quality = (int)novita_lua_option_integer(L, name, 1, 100);
}


static void read_chroma (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->chroma = (int)novita_lua_option_integer(L, name, 420, 444);
}


static void read_effort (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  options->effort = (int)novita_lua_option_integer(L, name, 0, 9);
}


static void read_limits (lua_State *L, const char *name,
                         struct novita_prepare_options *options) {
  novita_lua_source_read_limits(L, name, &options->limits);
}


/* { red, green, blue } */
static void read_background (lua_State *L, const char *name,
                             struct novita_prepare_options *options) {
  int i;
  if (!lua_istable(L, -1)) luaL_error(L, "%s must be a table", name);
  for (i = 0; i < 3; i++) {
    lua_geti(L, -1, i + 1);
    options->background[i] =
      (uint8_t)novita_lua_option_integer(L, name, 0, 255);
    lua_pop(L, 1);
  }
}


/* A later field wins: 'width' and 'height' override 'size'. */
static const struct field fields[] = {
  {"size", read_size}, {"width", read_width}, {"height", read_height},
  {"fit", read_fit}, {"filter", read_filter}, {"crop", read_crop},
  {"format", read_format}, {"quality", read_quality},
  {"chroma", read_chroma}, {"effort", read_effort},
  {"background", read_background}, {"limits", read_limits}
};

#define FLAG(name) {#name, offsetof(struct novita_prepare_options, name)}

static const struct flag {
  const char *name;
  size_t offset;  /* of a bool */
} flags[] = {
  FLAG(linear), FLAG(lossless), FLAG(optimize), FLAG(planes),
  FLAG(keep_metadata), FLAG(lenient), FLAG(pass_through), FLAG(discard)
};

#define LENGTH(array) (sizeof (array) / sizeof *(array))


static void read_flag (lua_State *L, int index, const struct flag *flag,
                       struct novita_prepare_options *options) {
  if (lua_getfield(L, index, flag->name) != LUA_TNIL)
    *(bool *)((char *)options + flag->offset) = lua_toboolean(L, -1);
  lua_pop(L, 1);
}


/* An option of the encoder means that the file is to be encoded. */
static bool has_encoder_option (lua_State *L, int index) {
  static const char *const names[] = {
    "quality", "chroma", "effort", "lossless", "optimize"
  };
  size_t i;
  for (i = 0; i < LENGTH(names); i++) {
    bool is_set = lua_getfield(L, index, names[i]) != LUA_TNIL;
    lua_pop(L, 1);
    if (is_set) return true;
  }
  return false;
}


void novita_lua_prepare_options_read (lua_State *L, int index,
                                      struct novita_prepare_options *options) {
  size_t i;
  novita_prepare_options_defaults(options);
  if (lua_isnoneornil(L, index)) return;
  luaL_checktype(L, index, LUA_TTABLE);
  luaL_checkstack(L, 10, NULL);
  index = lua_absindex(L, index);
  if (has_encoder_option(L, index)) options->pass_through = false;
  for (i = 0; i < LENGTH(flags); i++) read_flag(L, index, &flags[i], options);
  for (i = 0; i < LENGTH(fields); i++) {
    if (lua_getfield(L, index, fields[i].name) != LUA_TNIL)
      fields[i].read(L, fields[i].name, options);
    lua_pop(L, 1);
  }
}
