/*
** environment.h: the arrays of strings with which a program starts. They and
** their strings belong to Lua values, which the caller keeps on the stack.
*/
#ifndef novita_server_lua_environment_h
#define novita_server_lua_environment_h

#include <lua.h>

#include "../../base/func.h"

/* the strings of the list at 'index', and NULL; pushes one value */
NOVITA_FUNC char **novita_lua_environment_list (lua_State *L, int index);

/* our environment with the changes of the table at 'index': a string replaces
** or adds a variable, false removes it; pushes two values */
NOVITA_FUNC char **novita_lua_environment_changed (lua_State *L, int index);

#endif
