/*
** image_info.h: what is known about an image, as Lua tables.
*/
#ifndef novita_lua_image_info_h
#define novita_lua_image_info_h

#include <lua.h>

#include "../image/prepare/prepare.h"

/* { width =, height =, format = "jpeg", source_width =, source_height =,
**   source_format =, orientation =, alpha =, truncated =, passed_through =,
**   profile = "srgb", scale =, sharpness =, brightness =, dark =, bright =,
**   dhash = "0123456789abcdef" };
** may raise on out-of-memory, so the collector must own 'out' */
NOVITA_FUNC void novita_lua_image_info_push (
  lua_State *L, const struct novita_prepare_result *out);

/* { format =, width =, height =, orientation =, channels =, bits =,
**   alpha = } */
NOVITA_FUNC void novita_lua_image_info_push_probe (
  lua_State *L, const struct novita_probe_result *out);

#endif
