/*
** crypto.h: functions that plain Lua does not have: digests, random bytes,
** clocks.
*/
#ifndef novita_service_crypto_h
#define novita_service_crypto_h

#include <lua.h>

#include "../base/func.h"

/* pushes the table of functions */
NOVITA_FUNC int novita_service_crypto (lua_State *L);

#endif
