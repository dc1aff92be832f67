/*
** digest.h: pushes a digest as text for Lua.
*/
#ifndef novita_lua_digest_h
#define novita_lua_digest_h

#include <lua.h>

#include "../base/sha256.h"

/* pushes it as lower-case hexadecimal digits */
NOVITA_FUNC void novita_lua_digest_push (
  lua_State *L, const unsigned char digest[NOVITA_SHA256_SIZE]);

#endif
