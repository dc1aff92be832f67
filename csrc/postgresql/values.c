/*
** values.c: see values.h. Integers have 64 bits in both directions; a float
** has the digits that make it exact.
*/
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

/* types of columns, as in the server's pg_type.dat */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, FLOAT4 = 700, FLOAT8 = 701 };


/* {====== parameters ====== */

/* The point of the locale becomes that of SQL. */
static void push_float (lua_State *L, lua_Number number) {
  char text[64];
  size_t at;
  snprintf(text, sizeof text, "%.17g", number);
  at = strspn(text, "-0123456789einfa");
  if (text[at] != '\0' && text[at] != '+') text[at] = '.';
  lua_pushstring(L, text);
}


static void push_text (lua_State *L, int i) {
  size_t len;
  const char *text;
  switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
      lua_pushstring(L, lua_toboolean(L, -1) ? "t" : "f");
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, -1)) {
        lua_pushvalue(L, -1);
        lua_tostring(L, -1);
      }
      else push_float(L, lua_tonumber(L, -1));
      break;
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &len);
      if (strlen(text) != len) luaL_error(L, "value %d contains a NUL", i);
      lua_pushvalue(L, -1);
      break;
    default:
      luaL_error(L, "value %d must be nil, a boolean, a number or a string", i);
  }
}


int novita_values_read (lua_State *L, int index, const char **values) {
  int i, count, texts;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "n");
  count = (int)luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  luaL_argcheck(L, count >= 0 && count <= NOVITA_VALUES_MOST, index,
                "too many values");
  lua_createtable(L, count, 0);
  texts = lua_gettop(L);
  for (i = 1; i <= count; i++) {
    values[i - 1] = NULL;
    if (lua_rawgeti(L, index, i) != LUA_TNIL) {
      push_text(L, i);
      values[i - 1] = lua_tostring(L, -1);
      lua_rawseti(L, texts, i);
    }
    lua_settop(L, texts);
  }
  return count;
}

/* }====== */


/* {====== rows ====== */

static void push_number (lua_State *L, const char *text) {
  if (strcmp(text, "NaN") == 0) lua_pushnumber(L, (lua_Number)NAN);
  else if (strcmp(text, "Infinity") == 0) lua_pushnumber(L, HUGE_VAL);
  else if (strcmp(text, "-Infinity") == 0) lua_pushnumber(L, -HUGE_VAL);
  else if (lua_stringtonumber(L, text) != 0) {
    lua_Number number = lua_tonumber(L, -1);
    lua_pop(L, 1);
    lua_pushnumber(L, number);
  }
  else lua_pushstring(L, text);
}


static void push_value (lua_State *L, const PGresult *result, int row,
                        int column) {
  const char *text = PQgetvalue(result, row, column);
  switch (PQftype(result, column)) {
    case BOOL: lua_pushboolean(L, text[0] == 't'); break;
    case INT2: case INT4: case INT8:
      if (lua_stringtonumber(L, text) == 0) lua_pushstring(L, text);
      break;
    case FLOAT4: case FLOAT8: push_number(L, text); break;
    default:
      lua_pushlstring(L, text, (size_t)PQgetlength(result, row, column));
  }
}


static void push_row (lua_State *L, const PGresult *result, int row) {
  int column, columns = PQnfields(result);
  lua_createtable(L, 0, columns);
  for (column = 0; column < columns; column++) {
    if (PQgetisnull(result, row, column)) continue;
    push_value(L, result, row, column);
    lua_setfield(L, -2, PQfname(result, column));
  }
}


/* libpq does not write to what PQcmdTuples gets, but declares that it may. */
static lua_Integer count_of (const PGresult *result) {
  PGresult *r = (PGresult *)(size_t)result;
  return (lua_Integer)strtoll(PQcmdTuples(r), NULL, 10);
}


void novita_values_push (lua_State *L, const PGresult *result) {
  int row, rows = PQntuples(result);
  lua_createtable(L, rows, 1);
  for (row = 0; row < rows; row++) {
    push_row(L, result, row);
    lua_rawseti(L, -2, row + 1);
  }
  lua_pushinteger(L, count_of(result));
  lua_setfield(L, -2, "count");
}

/* }====== */
