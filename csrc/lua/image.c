/*
** image.c: 'core.image': the pixels of an image as userdata, and probe.
** lua/novita/meta.lua documents each function. Scripts use lua/novita/image.
**
** The userdata is created empty, gets its metatable, and only then its pixels,
** so that an error in between loses nothing. 'close' and the collector run the
** same function, which may run twice.
*/
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "../image/canvas/draw.h"
#include "../image/canvas/image.h"
#include "../image/codec/format.h"
#include "../image/formats/formats.h"
#include "core.h"
#include "error.h"
#include "image.h"
#include "source.h"

#define PIXELS "novita.core.pixels"
#define RESULT "novita.core.encoded"   /* never seen by a script */
#define FARTHEST 1000000               /* a coordinate from the top left */
#define LARGEST_SCALE 256              /* of text */


static struct novita_pixels *new_pixels (lua_State *L) {
  struct novita_pixels *p = lua_newuserdatauv(L, sizeof *p, 0);
  memset(p, 0, sizeof *p);
  luaL_setmetatable(L, PIXELS);
  return p;
}


static struct novita_pixels *check_any (lua_State *L, int index) {
  return luaL_checkudata(L, index, PIXELS);
}


static struct novita_pixels *check (lua_State *L, int index) {
  struct novita_pixels *p = check_any(L, index);
  luaL_argcheck(L, p->data != NULL, index, "the image is closed");
  return p;
}


static int check_side (lua_State *L, int index, const char *what) {
  lua_Integer v = luaL_checkinteger(L, index);
  if (v < 1 || v > NOVITA_PIXELS_MAX_SIDE)
    luaL_error(L, "%s must be an integer from 1 to %d, got %I", what,
               NOVITA_PIXELS_MAX_SIDE, (LUAI_UACINT)v);
  return (int)v;
}


static int check_coordinate (lua_State *L, int index, const char *what) {
  lua_Integer v = luaL_checkinteger(L, index);
  if (v < -FARTHEST || v > FARTHEST)
    luaL_error(L, "%s must be an integer from %d to %d, got %I", what,
               -FARTHEST, FARTHEST, (LUAI_UACINT)v);
  return (int)v;
}


static int check_channels (lua_State *L, int index) {
  lua_Integer v = luaL_checkinteger(L, index);
  if (v < 1 || v > 4)
    luaL_error(L, "channels must be an integer from 1 to 4, got %I",
               (LUAI_UACINT)v);
  return (int)v;
}


static void fill_from (lua_State *L, int index, struct novita_pixels *p) {
  size_t len, want = novita_pixels_stride(p) * (size_t)p->height;
  const char *bytes = luaL_checklstring(L, index, &len);
  if (len != want)
    luaL_error(L, "bytes must be %I long for %d x %d x %d, got %I",
               (LUAI_UACINT)want, p->width, p->height, p->channels,
               (LUAI_UACINT)len);
  memcpy(p->data, bytes, len);
}


static int l_new (lua_State *L) {
  int width = check_side(L, 1, "width"), height = check_side(L, 2, "height");
  int channels = lua_isnoneornil(L, 3) ? 3 : check_channels(L, 3);
  struct novita_prepare_options options;
  struct novita_error e;
  struct novita_pixels *p;
  lua_settop(L, 4);
  p = new_pixels(L);
  novita_prepare_options_defaults(&options);
  if (novita_pixels_open(p, width, height, channels,
                         options.limits.output_pixels, &e) != 0)
    return novita_lua_error_return(L, &e);
  if (!lua_isnil(L, 4)) fill_from(L, 4, p);
  return 1;
}


static int option_channels (lua_State *L, int index) {
  int channels = 0;
  if (lua_isnoneornil(L, index)) return 0;
  if (lua_getfield(L, index, "channels") != LUA_TNIL)
    channels = check_channels(L, -1);
  lua_pop(L, 1);
  return channels;
}


static int l_decode (lua_State *L) {
  struct novita_prepare_options options;
  struct novita_source source;
  struct novita_error e;
  int channels;
  lua_settop(L, 2);
  novita_lua_prepare_options_read(L, 2, &options);
  channels = option_channels(L, 2);
  novita_lua_source_read(L, 1, &source);
  if (novita_image_load(new_pixels(L), &source, channels, &options, &e) != 0)
    return novita_lua_error_return(L, &e);
  return 1;
}


static int close_result (lua_State *L) {
  novita_prepare_result_free(luaL_checkudata(L, 1, RESULT));
  return 0;
}


/* the collector owns the encoded bytes until they are a Lua string */
static struct novita_prepare_result *new_result (lua_State *L) {
  struct novita_prepare_result *out = lua_newuserdatauv(L, sizeof *out, 0);
  memset(out, 0, sizeof *out);
  luaL_setmetatable(L, RESULT);
  return out;
}


static int l_probe (lua_State *L) {
  struct novita_prepare_options options;
  struct novita_source source;
  struct novita_probe_result out;
  struct novita_error e;
  lua_settop(L, 2);
  novita_lua_prepare_options_read(L, 2, &options);
  novita_lua_source_read(L, 1, &source);
  if (novita_image_probe(&source, &options.limits, options.lenient, &out, &e)
      != 0)
    return novita_lua_error_return(L, &e);
  novita_lua_image_info_push_probe(L, &out);
  return 1;
}


static int push_foreign (lua_State *L, const unsigned char *bytes,
                         size_t len) {
  bool image;
  lua_pushnil(L);
  lua_pushstring(L, novita_format_describe(bytes, len, &image));
  lua_pushboolean(L, image);
  return 3;
}


static int push_missing (lua_State *L, enum novita_format format) {
  lua_pushnil(L);
  lua_pushstring(L, novita_format_title(format));
  lua_pushboolean(L, true);
  lua_pushstring(L, novita_formats_missing(format));
  return 4;
}


/* sniff(bytes) -> format | nil, what it is, whether it is an image, what must
** be installed to read it or nil. The first bytes of a file are enough. */
static int l_sniff (lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  const unsigned char *bytes = (const unsigned char *)text;
  int format = novita_format_sniff(bytes, len, NULL);
  if (format < 0) return push_foreign(L, bytes, len);
  if (novita_formats_missing((enum novita_format)format) != NULL)
    return push_missing(L, (enum novita_format)format);
  lua_pushstring(L, novita_format_name((enum novita_format)format));
  return 1;
}


/* missing(format) -> what must be installed to read the format, or nil */
static int l_missing (lua_State *L) {
  static const char *const names[] = {
    [NOVITA_FORMAT_JPEG] = "jpeg", [NOVITA_FORMAT_PNG] = "png",
    [NOVITA_FORMAT_WEBP] = "webp", [NOVITA_FORMAT_HEIC] = "heic",
    [NOVITA_FORMAT_AVIF] = "avif", NULL
  };
  enum novita_format format =
    (enum novita_format)luaL_checkoption(L, 1, NULL, names);
  lua_pushstring(L, novita_formats_missing(format));  /* NULL becomes nil */
  return 1;
}


static int l_kernels (lua_State *L) {
  lua_pushstring(L, novita_kernels()->name);
  lua_pushstring(L, novita_cpu_simd_refused());  /* NULL becomes nil */
  return 2;
}


static int l_size (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  lua_pushinteger(L, p->width);
  lua_pushinteger(L, p->height);
  lua_pushinteger(L, p->channels);
  return 3;
}


static int l_bytes (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  lua_pushlstring(L, (const char *)p->data,
                  novita_pixels_stride(p) * (size_t)p->height);
  return 1;
}


static int l_resize (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  struct novita_prepare_options options;
  struct novita_error e;
  novita_lua_prepare_options_read(L, 2, &options);
  if (novita_image_resize(new_pixels(L), p, &options, &e) != 0)
    return novita_lua_error_return(L, &e);
  return 1;
}


static int l_encode (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  struct novita_prepare_options options;
  struct novita_prepare_result *out;
  struct novita_error e;
  novita_lua_prepare_options_read(L, 2, &options);
  out = new_result(L);
  novita_buffer_init(&out->bytes, options.limits.output_bytes);
  if (novita_image_save(&out->bytes, p, &options, &e) != 0)
    return novita_lua_error_return(L, &e);
  lua_pushlstring(L, out->bytes.data, out->bytes.len);
  novita_prepare_result_free(out);
  return 1;
}


static int l_paste (lua_State *L) {
  const struct novita_pixels *p = check(L, 1), *from = check(L, 2);
  int x = check_coordinate(L, 3, "x"), y = check_coordinate(L, 4, "y");
  struct novita_error e;
  luaL_argcheck(L, p != from, 2, "an image cannot be pasted on itself");
  if (novita_draw_paste(p, from, x, y, &e) != 0)
    return novita_lua_error_return(L, &e);
  lua_settop(L, 1);
  return 1;
}


static uint8_t check_sample (lua_State *L, int index, const char *what) {
  lua_Integer v = luaL_checkinteger(L, index);
  if (v < 0 || v > 255)
    luaL_error(L, "%s must be an integer from 0 to 255, got %I", what,
               (LUAI_UACINT)v);
  return (uint8_t)v;
}


static void check_colour (lua_State *L, int index, uint8_t rgb[3]) {
  rgb[0] = check_sample(L, index, "red");
  rgb[1] = check_sample(L, index + 1, "green");
  rgb[2] = check_sample(L, index + 2, "blue");
}


static int l_fill (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  int x = check_coordinate(L, 2, "x"), y = check_coordinate(L, 3, "y");
  int width = check_coordinate(L, 4, "width");
  int height = check_coordinate(L, 5, "height");
  uint8_t rgb[3];
  check_colour(L, 6, rgb);
  novita_draw_fill(p, x, y, width, height, rgb);
  lua_settop(L, 1);
  return 1;
}


/* text(x, y, text [, scale [, red, green, blue]]) */
static int l_text (lua_State *L) {
  const struct novita_pixels *p = check(L, 1);
  int x = check_coordinate(L, 2, "x"), y = check_coordinate(L, 3, "y");
  size_t len;
  const char *text = luaL_checklstring(L, 4, &len);
  lua_Integer scale = luaL_optinteger(L, 5, 1);
  uint8_t rgb[3] = {255, 255, 255};
  if (scale < 1 || scale > LARGEST_SCALE)
    luaL_error(L, "scale must be an integer from 1 to %d, got %I",
               LARGEST_SCALE, (LUAI_UACINT)scale);
  if (!lua_isnoneornil(L, 6)) check_colour(L, 6, rgb);
  novita_draw_text(p, x, y, text, len, (int)scale, rgb);
  lua_settop(L, 1);
  return 1;
}


static int l_close (lua_State *L) {
  novita_pixels_close(check_any(L, 1));
  return 0;
}


static const luaL_Reg methods[] = {
  {"size", l_size}, {"bytes", l_bytes}, {"resize", l_resize},
  {"encode", l_encode}, {"paste", l_paste}, {"fill", l_fill},
  {"text", l_text}, {"close", l_close}, {NULL, NULL}
};

static const luaL_Reg metamethods[] = {
  {"__gc", l_close}, {"__close", l_close}, {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"new", l_new}, {"decode", l_decode}, {"probe", l_probe},
  {"sniff", l_sniff}, {"missing", l_missing}, {"kernels", l_kernels},
  {"face_crop", novita_lua_faces_crop}, {"face_head", novita_lua_faces_head},
  {NULL, NULL}
};


static void make_metatables (lua_State *L) {
  luaL_newmetatable(L, PIXELS);  /* new, or left by a failed open */
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newmetatable(L, RESULT);  /* new, or left by a failed open */
  lua_pushcfunction(L, close_result);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 2);
}


int novita_lua_image (lua_State *L) {
  make_metatables(L);
  luaL_newlib(L, functions);
  return 1;
}
