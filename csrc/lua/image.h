/*
** image.h: images between C and Lua tables: options come in
** (prepare_options.c), what is known about an image goes out (image_info.c),
** and so do its faces (faces.c).
*/
#ifndef novita_lua_image_h
#define novita_lua_image_h

#include <lua.h>

#include "../image/detect/detect.h"
#include "../image/prepare/prepare.h"

/* fill 'options' with the defaults and then from the table at 'index' (none
** and nil count as an empty table), which lua/novita/image/options.lua has
** checked. This function checks only what the C code relies on. */
NOVITA_FUNC void novita_lua_prepare_options_read (
  lua_State *L, int index, struct novita_prepare_options *options);

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

/* a list of { x =, y =, width =, height =, score = } */
NOVITA_FUNC void novita_lua_faces_push (lua_State *L,
                                        const struct novita_detected *found);
/* the detector at 'index', or NULL if it is of another version; raises on
** anything else */
NOVITA_FUNC const struct novita_detector *novita_lua_faces_detector (
  lua_State *L, int index, struct novita_error *e);
/* keep the value on the top, which is popped, and the detector alive as long as
** the op at 'op' uses them */
NOVITA_FUNC void novita_lua_faces_anchor (lua_State *L, int op, int detector);

#endif
