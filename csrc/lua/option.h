/*
** option.h: single values in a table of options. Lua has checked names, types
** and ranges; these functions check again what the C code relies on. Each reads
** the value on the top of the stack, leaves it there, and raises an error if
** it cannot be used.
*/
#ifndef novita_lua_option_h
#define novita_lua_option_h

#include <lua.h>

#include "../base/func.h"

NOVITA_FUNC lua_Integer novita_lua_option_integer (lua_State *L,
                                                   const char *name,
                                                   lua_Integer min,
                                                   lua_Integer max);

/* the index of the string in 'choices', which ends with NULL */
NOVITA_FUNC int novita_lua_option_choice (lua_State *L, const char *name,
                                          const char *const *choices);

#endif
