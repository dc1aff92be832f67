/*
** part_file.h: the descriptor of a part file, for a download into it.
*/
#ifndef novita_lua_part_file_h
#define novita_lua_part_file_h

#include <lua.h>

#include "../base/func.h"

/* raises unless the value at 'index' is an open part file */
NOVITA_FUNC int novita_lua_part_file_check_fd (lua_State *L, int index);

#endif
