/*
** image.h: what other parts of the binding need of pictures: wishes read
** from Lua tables, and results as Lua tables.
*/
#ifndef novita_lua_image_h
#define novita_lua_image_h

#include <lua.h>

#include "../image/prepare/prepare.h"

/* which fields a table of options may have */
enum novita_options {
  NOVITA_OPTIONS_GEOMETRY = 1,    /* width height size fit filter linear crop */
  NOVITA_OPTIONS_ENCODER = 2,     /* format quality chroma lossless optimise effort */
  NOVITA_OPTIONS_SOURCE = 4,   /* lenient limits */
  NOVITA_OPTIONS_BACKGROUND = 8,   /* background */
  NOVITA_OPTIONS_CHANNELS = 16,/* channels: read by whoever allows it */
  NOVITA_OPTIONS_PIPELINE = 32      /* pass_through keep_metadata planes */
};

/* fills 'wish' with the defaults and then from the table at 'index' (none and
** nil are an empty one); raises on a field that is unknown or wrong, naming
** it, its value and what is allowed */
NOVITA_FUNC void novita_lua_prepare_options_read (lua_State *L, int index, int allowed,
                                        struct novita_prepare_options *options);

/* the same for novita_image_prepare: every field but 'channels' */
NOVITA_FUNC void novita_lua_prepare_options_check (lua_State *L, int index,
                                           struct novita_prepare_options *options);

/* a string of bytes, or a table with 'path' or 'bytes'. What 'source' points
** to is left on the stack (one value is pushed): it lives as long as that. */
NOVITA_FUNC void novita_lua_prepare_options_source (lua_State *L, int index,
                                          struct novita_source *source);

/* { bytes =, width =, height =, format = "jpeg", source_width =,
**   source_height =, source_format =, orientation =, alpha =, truncated =,
**   passed_through =, profile = "srgb", scale =, sharpness =, brightness =,
**   dark =, bright =, dhash = "0123456789abcdef" };
** may raise for lack of memory, so 'out' must be in the collector's care */
NOVITA_FUNC void novita_lua_facts_push_prepared (lua_State *L,
                                           const struct novita_prepare_result *out);

/* the same without 'bytes', for a caller that keeps them in C */
NOVITA_FUNC void novita_lua_facts_push_info (
  lua_State *L, const struct novita_prepare_result *out);

/* { format =, width =, height =, orientation =, channels =, bits =,
**   alpha = } */
NOVITA_FUNC void novita_lua_facts_push_probed (lua_State *L,
                                         const struct novita_probe_result *out);

/* the value on the top, "#rrggbb" or { r, g, b }; raises when it is neither */
NOVITA_FUNC void novita_lua_prepare_options_colour (lua_State *L, const char *name,
                                         uint8_t rgb[3]);

#endif
