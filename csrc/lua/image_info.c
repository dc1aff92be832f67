/*
** image_info.c: see image.h
*/
#include <inttypes.h>
#include <stdio.h>

#include <lua.h>

#include "image.h"


static void set_integer (lua_State *L, const char *name, int v) {
  lua_pushinteger(L, v);
  lua_setfield(L, -2, name);
}


static void set_boolean (lua_State *L, const char *name, int v) {
  lua_pushboolean(L, v);
  lua_setfield(L, -2, name);
}


static void set_format (lua_State *L, const char *name,
                        enum novita_format format) {
  lua_pushstring(L, novita_format_name(format));
  lua_setfield(L, -2, name);
}


static void set_number (lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}


static void set_box (lua_State *L, const char *name,
                     const struct novita_box *b) {
  lua_createtable(L, 0, 4);
  set_number(L, "x", b->x);
  set_number(L, "y", b->y);
  set_number(L, "width", b->width);
  set_number(L, "height", b->height);
  lua_setfield(L, -2, name);
}


/* as text: Lua's JSON and SQL libraries keep only 53 bits of a number */
static void set_hash (lua_State *L, const char *name, uint64_t hash) {
  char text[17];
  snprintf(text, sizeof text, "%016" PRIx64, hash);
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}


static void set_measures (lua_State *L, const struct novita_measures *m) {
  set_number(L, "sharpness", m->sharpness);
  set_number(L, "brightness", m->brightness);
  set_number(L, "dark", m->dark);
  set_number(L, "bright", m->bright);
  set_hash(L, "dhash", m->dhash);
}


/* what an image is: of a file, or of the result of 'prepare' */
static void set_basics (lua_State *L, enum novita_format format, int width,
                        int height, int orientation, int alpha) {
  set_format(L, "format", format);
  set_integer(L, "width", width);
  set_integer(L, "height", height);
  set_integer(L, "orientation", orientation);
  set_boolean(L, "alpha", alpha);
}


void novita_lua_image_info_push (lua_State *L,
                                 const struct novita_prepare_result *out) {
  lua_createtable(L, 0, 20);
  set_basics(L, out->format, out->width, out->height, out->orientation,
             out->alpha);
  set_integer(L, "source_width", out->source_width);
  set_integer(L, "source_height", out->source_height);
  set_format(L, "source_format", out->source_format);
  set_box(L, "crop", &out->crop);
  set_boolean(L, "truncated", out->truncated);
  lua_pushstring(L, novita_colour_name(out->colour));
  lua_setfield(L, -2, "profile");
  set_number(L, "scale", out->scale);
  set_measures(L, &out->measures);
  set_boolean(L, "passed_through", out->passed_through);
}


void novita_lua_image_info_push_probe (lua_State *L,
                                       const struct novita_probe_result *out) {
  lua_createtable(L, 0, 7);
  set_basics(L, out->format, out->width, out->height, out->orientation,
             out->alpha);
  set_integer(L, "channels", out->channels);
  set_integer(L, "bits", out->bits);
}
