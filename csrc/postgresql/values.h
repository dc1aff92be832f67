/*
** values.h: Lua values as parameters of a statement, and its rows as tables.
*/
#ifndef novita_postgresql_values_h
#define novita_postgresql_values_h

#include <libpq-fe.h>
#include <lua.h>

#include "../base/func.h"

#define NOVITA_VALUES_MOST 64   /* parameters of a statement */

/* the values of the table at 'index', with its field n: nil, a boolean, a
** number or a string without a NUL, as text. The texts live as long as the
** table that this pushes. Raises on any other value. */
NOVITA_FUNC int novita_values_read (lua_State *L, int index,
                                    const char **values);

/* push a list of the rows, each a table by column without its NULLs, with the
** field 'count': rows that were read or changed */
NOVITA_FUNC void novita_values_push (lua_State *L, const PGresult *result);

#endif
