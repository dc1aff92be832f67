/*
** crypto.h: functions of the rules that plain Lua does not have: digests,
** random bytes, clocks. Opened in the rules' state as
** "novita.service.crypto".
*/
#ifndef novita_httpd_crypto_h
#define novita_httpd_crypto_h

#include <lua.h>

#include "../base/func.h"

NOVITA_FUNC int novita_httpd_crypto (lua_State *L);

#endif
