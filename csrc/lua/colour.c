/*
** colour.c: see colour.h
*/
#include <stdbool.h>
#include <string.h>

#include <lua.h>

#include "colour.h"
#include "option.h"


static bool read_hex (const char *s, uint8_t rgb[3]) {
  int i;
  if (*s++ != '#' || strspn(s, "0123456789abcdefABCDEF") != 6 || s[6] != '\0')
    return false;
  for (i = 0; i < 6; i++) {
    int c = (unsigned char)s[i];
    int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    rgb[i / 2] = (uint8_t)(i % 2 == 0 ? digit : rgb[i / 2] * 16 + digit);
  }
  return true;
}


static bool read_table (lua_State *L, uint8_t rgb[3]) {
  int i;
  bool ok = true;
  for (i = 0; i < 3; i++) {
    int is_integer;
    lua_Integer v;
    lua_geti(L, -1, i + 1);
    v = lua_tointegerx(L, -1, &is_integer);
    lua_pop(L, 1);
    if (!is_integer || v < 0 || v > 255) ok = false;
    else rgb[i] = (uint8_t)v;
  }
  return ok;
}


void novita_lua_colour_read (lua_State *L, const char *name, uint8_t rgb[3]) {
  if (lua_type(L, -1) == LUA_TSTRING && read_hex(lua_tostring(L, -1), rgb))
    return;
  if (lua_istable(L, -1) && read_table(L, rgb)) return;
  novita_lua_option_refuse(L, -1, name,
                           "\"#rrggbb\" or three integers from 0 to 255");
}
