/*
** prepare_options.h: 'struct novita_prepare_options' from a table of options.
*/
#ifndef novita_lua_prepare_options_h
#define novita_lua_prepare_options_h

#include <lua.h>

#include "../image/prepare/prepare.h"

/* fill 'options' with the defaults and then from the table at 'index' (none
** and nil count as an empty table), which lua/novita/image/options.lua has
** checked. This function checks only what the C code relies on. */
NOVITA_FUNC void novita_lua_prepare_options_read (
  lua_State *L, int index, struct novita_prepare_options *options);

#endif
