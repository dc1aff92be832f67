/*
** text.c: texts in the same form in every locale.
**   core.before(left, right) -> boolean
**     Whether 'left' comes before 'right' by their bytes.
**   core.before_naturally(left, right) -> boolean
**     The same for file names: img2 before img10. Both are for table.sort.
**   core.json_string(text) -> text
**     In quotes, with escapes for quotes, backslashes and control bytes. The
**     other bytes are taken as they are: the caller cares for valid UTF-8.
*/
#include "../base/text_order.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>

#include "core.h"

#define DELETE 127  /* the control byte that is not below the space */


static int before (lua_State *L) {
  size_t left_len, right_len;
  const char *left = luaL_checklstring(L, 1, &left_len);
  const char *right = luaL_checklstring(L, 2, &right_len);
  int order = novita_text_order_bytes(left, left_len, right, right_len);
  lua_pushboolean(L, order < 0);
  return 1;
}


static int before_naturally (lua_State *L) {
  size_t left_len, right_len;
  const char *left = luaL_checklstring(L, 1, &left_len);
  const char *right = luaL_checklstring(L, 2, &right_len);
  int order = novita_text_order_natural(left, left_len, right, right_len);
  lua_pushboolean(L, order < 0);
  return 1;
}


static bool is_plain (unsigned char byte) {
  return byte >= ' ' && byte != DELETE && byte != '"' && byte != '\\';
}


static size_t plain_length (const char *text, size_t len) {
  size_t n = 0;
  while (n < len && is_plain((unsigned char)text[n])) n++;
  return n;
}


static void add_escape (luaL_Buffer *b, char byte) {
  static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  static const char digits[] = "0123456789abcdef";
  const char *at = byte != '\0' ? strchr(escaped, byte) : NULL;
  luaL_addchar(b, '\\');
  if (at != NULL)
    luaL_addchar(b, letters[at - escaped]);
  else {
    luaL_addlstring(b, "u00", 3);
    luaL_addchar(b, digits[(unsigned char)byte >> 4]);
    luaL_addchar(b, digits[byte & 15]);
  }
}


static int json_string (lua_State *L) {
  luaL_Buffer b;
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  luaL_buffinit(L, &b);
  luaL_addchar(&b, '"');
  for (;;) {
    size_t plain = plain_length(text, len);
    luaL_addlstring(&b, text, plain);
    text += plain;
    len -= plain;
    if (len == 0)
      break;
    add_escape(&b, *text++);
    len--;
  }
  luaL_addchar(&b, '"');
  luaL_pushresult(&b);
  return 1;
}


int novita_lua_text_before (lua_State *L) {
  lua_pushcfunction(L, before);
  return 1;
}


int novita_lua_text_before_naturally (lua_State *L) {
  lua_pushcfunction(L, before_naturally);
  return 1;
}


int novita_lua_text_json_string (lua_State *L) {
  lua_pushcfunction(L, json_string);
  return 1;
}
