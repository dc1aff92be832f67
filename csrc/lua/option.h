/*
** option.h: checks of single values in a table of options. Each function
** reads the value on the top of the stack, leaves it there, and raises an
** error that names the option, the value and what is allowed.
*/
#ifndef novita_lua_option_h
#define novita_lua_option_h

#include <lua.h>
#include <stdbool.h>

#include "../base/func.h"

/* raise: "NAME must be ALLOWED, got VALUE", with the value at 'index' */
NOVITA_FUNC void novita_lua_option_refuse (lua_State *L, int index,
                                           const char *name,
                                           const char *allowed);

NOVITA_FUNC lua_Integer novita_lua_option_integer (lua_State *L,
                                                   const char *name,
                                                   lua_Integer min,
                                                   lua_Integer max);
NOVITA_FUNC bool novita_lua_option_boolean (lua_State *L, const char *name);

/* the index of the string in 'choices', which ends with NULL */
NOVITA_FUNC int novita_lua_option_choice (lua_State *L, const char *name,
                                          const char *const *choices);

/* raise if the table at 'index' (positive) has a key that is not in 'names',
** which ends with NULL; 'path' is where the table is, "" for the whole */
NOVITA_FUNC void novita_lua_option_check_names (lua_State *L, int index,
                                                const char *path,
                                                const char *const *names);

#endif
