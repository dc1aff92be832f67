/*
** prepare.h: access to photos that a worker has prepared, for uploads.
*/
#ifndef novita_lua_prepare_h
#define novita_lua_prepare_h

#include <lua.h>

#include "../base/buffer.h"

/* the bytes of the prepared photo at 'index'; raises on anything else */
NOVITA_FUNC const struct novita_buffer *novita_lua_prepare_check_result (
  lua_State *L, int index);

#endif
