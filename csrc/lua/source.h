/*
** source.h: reads from Lua where an image comes from, and the limits for
** reading it.
*/
#ifndef novita_lua_source_h
#define novita_lua_source_h

#include <lua.h>

#include "../image/prepare/prepare.h"

/* read a string of bytes, or a table with 'path' or 'bytes'. Pushes one
** value, which keeps alive what 'source' points to. */
NOVITA_FUNC void novita_lua_source_read (lua_State *L, int index,
                                         struct novita_source *source);

/* read the table of limits on the top of the stack, the option 'name'. A
** limit that is not set keeps its value. */
NOVITA_FUNC void novita_lua_source_read_limits (lua_State *L,
                                                const char *name,
                                                struct novita_limits *limits);

#endif
