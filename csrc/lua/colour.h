/*
** colour.h: a colour from Lua.
*/
#ifndef novita_lua_colour_h
#define novita_lua_colour_h

#include <lua.h>
#include <stdint.h>

#include "../base/func.h"

/* read the option 'name' on the top of the stack, "#rrggbb" or { r, g, b };
** raises on anything else */
NOVITA_FUNC void novita_lua_colour_read (lua_State *L, const char *name,
                                         uint8_t rgb[3]);

#endif
